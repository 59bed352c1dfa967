import {
  type DescribedOperation,
  type DescribedReply,
  type DescribedSchema,
  describeStep,
} from '../http/describe-step.ts'
import { NOTE } from '../http/step-marks.ts'
import { isStandardSchema } from '../lib/standard-schema.ts'

/** A reply in full. */
export interface ResponseDescription {
  /** Default: "Success." or "An error." */
  readonly description?: string | undefined
  /** What is sent: a schema of a library, or a JSON Schema. Default: the envelope for errors, nothing in particular else. */
  readonly schema?: DescribedSchema | undefined
  /** Default `application/json`, or what the Api answers in. */
  readonly contentType?: string | undefined
  /** What each header says, by name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What {@link describe} is told: of the endpoint as a whole, and its replies by status. */
export interface EndpointDescription extends DescribedOperation {
  /**
   * Replies by status: a text that says when, a Standard Schema of what is sent, or both. A status from 200 to 399 stands
   * instead of the 200 that is shown otherwise; errors are added to those that the steps bring.
   */
  readonly responses?: Readonly<Record<number, string | DescribedSchema | ResponseDescription>> | undefined
}

/** What makes an object a {@link ResponseDescription} and no JSON Schema. */
const MEMBERS: ReadonlySet<string> = new Set(['description', 'schema', 'contentType', 'headers'])

/**
 * A step that tells readers of the API what the endpoint is for and what it answers. On a request it is not there: the
 * pipeline leaves it out.
 *
 * @param description - `summary`, `description` (Markdown), `tags`, `operationId`, `deprecated`, `hidden`, `responses`
 * @throws TypeError for a status that no reply can have
 *
 * @example
 * ```ts
 * import { pipeline, reply } from 'twopi/http'
 * import { describe } from 'twopi/openapi'
 * import { useArgs } from 'twopi/webargs'
 * import { z } from 'zod'
 *
 * const SchoolClass = z.object({ id: z.string(), name: z.string() })
 *
 * export const create = pipeline(
 *   describe({ summary: 'Make a class', responses: { 201: SchoolClass, 409: 'There is a class of this name.' } }),
 *   useArgs({ name: z.string() }),
 *   ({ args }) => reply({ id: '1', name: args.name }, 201),
 * )
 * ```
 */
export function describe(description: EndpointDescription): (context: unknown) => void {
  const { responses = {}, ...operation } = description
  const replies = Object.entries(responses).map(([status, response]) => toReply(Number(status), response))
  const step = describeStep((_context: unknown): void => undefined, { operation, replies })
  return Object.defineProperty(step, NOTE, { value: true })
}

function toReply(status: number, response: string | DescribedSchema | ResponseDescription): DescribedReply {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(
      `describe: a status of \`responses\` must be an integer from 200 to 599, found ${String(status)}`,
    )
  }
  const fallback = status < 400 ? 'Success.' : 'An error.'
  if (typeof response === 'string') return { status, description: response }
  if (isStandardSchema(response)) return { status, description: fallback, schema: response }
  // `{ description }` alone is both; as a JSON Schema it would say nothing of the data.
  if (!Object.keys(response).every((name) => MEMBERS.has(name))) {
    return { status, description: fallback, schema: response as DescribedSchema }
  }
  const { description = fallback, ...others } = response as ResponseDescription
  return { status, description, ...others }
}
