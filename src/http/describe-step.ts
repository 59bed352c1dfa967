import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { DESCRIBES, GROUP, PARTS } from './step-marks.ts'

// What endpoints say of themselves travels on their functions, so that those who declare (arguments, tokens) and those who
// document need not know each other. It is read when a document is made; requests never see it.

/** A JSON Schema (draft 2020-12), as plain data. Anywhere in it a Standard Schema may stand instead. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What can be shown as JSON Schema: one, or a schema of a library. */
export type DescribedSchema = StandardSchemaV1 | JsonSchema

/** Where in a request something is; `files` are those of a multipart form. */
export type DescribedLocation = 'path' | 'query' | 'headers' | 'cookies' | 'json' | 'form' | 'files'

/** One argument. */
export interface DescribedField {
  readonly schema: DescribedSchema
  readonly required: boolean
  /** What stands between the items of a list that is sent as one text, and what one item is. */
  readonly delimited?: { readonly delimiter: string; readonly items: DescribedSchema } | undefined
  /** The media types that a file may have, ranges such as `image/*` among them. Default: any. */
  readonly contentTypes?: readonly string[] | undefined
}

/** Arguments that a step takes: `fields` by name, or one `schema` for all that is there. */
export interface DescribedArgs {
  /** Where they are. Of several, each argument may come in any. */
  readonly in: readonly DescribedLocation[]
  readonly fields?: Readonly<Record<string, DescribedField>> | undefined
  readonly schema?: DescribedSchema | undefined
  /** Whether the body is a list of them. */
  readonly many?: boolean | undefined
  /** Whether further members of a body are refused. */
  readonly closed?: boolean | undefined
}

/** How a request may be answered. */
export interface DescribedReply {
  readonly status: number
  readonly description: string
  /** Default: for an error the envelope, `{"_errors": [...]}`; else anything. */
  readonly schema?: DescribedSchema | undefined
  /** Default `application/json`. */
  readonly contentType?: string | undefined
  /** What each header says. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Replies that several endpoints share are shown once, under this name. */
  readonly name?: string | undefined
}

/** A token that a step looks for. */
export interface DescribedToken {
  /** `Authorization: Bearer`, a query parameter, a cookie: any one of them. */
  readonly in: readonly { readonly location: 'header' | 'query' | 'cookie'; readonly name: string }[]
  /** How it is made, for instance `'JWT'`. */
  readonly format?: string | undefined
}

/** What people are told of an endpoint as a whole. */
export interface DescribedOperation {
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly operationId?: string | undefined
  readonly deprecated?: boolean | undefined
  /** Whether it is left out. */
  readonly hidden?: boolean | undefined
}

/** What a step or a view says of itself, to whoever documents an API. */
export interface StepDescription {
  readonly operation?: DescribedOperation | undefined
  readonly args?: readonly DescribedArgs[] | undefined
  readonly token?: DescribedToken | undefined
  /** The token must be there, and have these scopes. */
  readonly requires?: { readonly scopes: readonly string[] } | undefined
  readonly replies?: readonly DescribedReply[] | undefined
  /** How many bytes the body may have. */
  readonly bodyLimit?: number | undefined
}

/** A description, or what makes it when somebody asks. */
type Said = StepDescription | (() => StepDescription)

/**
 * Writes onto a step or a view what it takes and answers, so that a document of the API shows it. Changes nothing of what
 * it does. twopi's own steps carry theirs; this is for yours.
 *
 * @param step - any step or view
 * @param description - a function is called when, and each time, somebody asks
 * @returns the step itself
 *
 * @example
 * ```ts
 * import { describeStep, HttpError, type RequestContext } from 'twopi/http'
 *
 * export const apiKey = describeStep(
 *   ({ request }: RequestContext) => {
 *     if (request.headers.get('x-api-key') === undefined) throw new HttpError(401, 'The header x-api-key is missing.')
 *   },
 *   {
 *     args: [{ in: ['headers'], fields: { 'x-api-key': { schema: { type: 'string' }, required: true } } }],
 *     replies: [{ status: 401, description: 'No key.', name: 'NoKey' }],
 *   },
 * )
 * ```
 */
export function describeStep<Described extends (...args: never) => unknown>(
  step: Described,
  description: StepDescription | (() => StepDescription),
): Described {
  return Object.defineProperty(step, DESCRIBES, { value: description, configurable: true })
}

/**
 * What a step, a row of `steps(…)`, a `pipeline(…)` or a view says of itself: one description for each of its parts that has
 * one, in their order.
 *
 * @param part - anything; what is not described gives an empty list
 */
export function descriptionsOf(part: unknown): readonly StepDescription[] {
  if (typeof part !== 'function') return []
  const { [DESCRIBES]: own, [GROUP]: group, [PARTS]: parts } = part as Marked
  const said = typeof own === 'function' ? own() : own
  return [...(said === undefined ? [] : [said]), ...(group ?? parts ?? []).flatMap(descriptionsOf)]
}

interface Marked {
  readonly [DESCRIBES]?: Said
  readonly [GROUP]?: readonly unknown[]
  readonly [PARTS]?: readonly unknown[]
}
