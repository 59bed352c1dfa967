import { forget, isPromiseLike } from '../../lib/maybe-promise.ts'
import { isStandardSchema, type StandardSchemaV1 } from '../../lib/standard-schema.ts'

const registeredNames = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'] as const

const memberNames = [
  'expiry',
  'expiresIn',
  'notBefore',
  'issuedAt',
  'issuer',
  'subject',
  'audience',
  'tokenId',
  'dump',
  'dumpAsync',
  'constructor',
  'toString',
  '__proto__',
] as const

/** The claims RFC 7519 section 4.1 names. twopi reads and writes them itself; they cannot be declared again. */
export type RegisteredClaim = (typeof registeredNames)[number]

/** The members every token has. A claim's attribute cannot have such a name. */
export type ReservedAttribute = RegisteredClaim | (typeof memberNames)[number]

const registeredClaims: ReadonlySet<string> = new Set(registeredNames)
const reservedAttributes: ReadonlySet<string> = new Set([...registeredNames, ...memberNames])

/** Options of {@link claim}. */
export interface ClaimOptions<Output> {
  /**
   * Makes the JSON value for the wire from the attribute. Needed when the schema changes what it reads, such as a text into a
   * `Date`. Default: the attribute goes out as it is.
   */
  readonly encode?: ((value: Output) => unknown) | undefined
}

/** A declared claim: what `claim()` makes. */
export interface Claim<Output = unknown, Name extends string | undefined = string | undefined> {
  /** The name on the wire; undefined means that of the attribute. */
  readonly name: Name
  readonly schema: StandardSchemaV1<unknown, Output>
  encode?(value: Output): unknown
}

/** Claims by attribute: what `ShortlivedTokenMixin` and `defineToken` take. */
export type ClaimDefinitions = Readonly<Record<string, Claim>>

/** The attributes that some claims give a token. A schema that may give `undefined` makes an optional attribute. */
export type TokenAttributes<Claims extends ClaimDefinitions> = Flat<
  {
    readonly [Attribute in keyof Claims as undefined extends ClaimOutput<Claims[Attribute]>
      ? never
      : Attribute]: ClaimOutput<Claims[Attribute]>
  } & {
    readonly [Attribute in keyof Claims as undefined extends ClaimOutput<Claims[Attribute]>
      ? Attribute
      : never]?: ClaimOutput<Claims[Attribute]>
  }
>

type ClaimOutput<Declared> = Declared extends Claim<infer Output> ? Output : never
// `& {}` makes a compiler write the members out, in messages and where the pointer rests.
type Flat<T> = { [Key in keyof T]: T[Key] } & {}

/**
 * Declares a claim of a token: its name on the wire, and the schema that its value must pass on `load` and on `dump`.
 *
 * Any Standard Schema serves (zod, valibot, arktype), as long as it is synchronous. The value on the wire is JSON, so a schema
 * that makes something else of it needs `encode` for the way back.
 *
 * @param name - the name on the wire; short names make short tokens. Default: the attribute's name
 * @param schema - what the value must be
 * @param options - `encode`, for schemas that transform
 *
 * @example
 * ```ts
 * import { claim, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * export class ShortlivedToken extends ShortlivedTokenMixin({
 *   userId: claim('user_id', z.string()),
 *   scopes: claim(z.array(z.string())),
 *   since: claim('snc', z.iso.datetime().transform((text) => new Date(text)), { encode: (date) => date.toISOString() }),
 * }) {}
 * ```
 */
export function claim<Schema extends StandardSchemaV1>(
  schema: Schema,
  options?: ClaimOptions<StandardSchemaV1.InferOutput<Schema>>,
): Claim<StandardSchemaV1.InferOutput<Schema>, undefined>
export function claim<const Name extends string, Schema extends StandardSchemaV1>(
  name: Name extends RegisteredClaim ? `twopi reads and writes the claim '${Name}' itself` : Name,
  schema: Schema,
  options?: ClaimOptions<StandardSchemaV1.InferOutput<Schema>>,
): Claim<StandardSchemaV1.InferOutput<Schema>, Name>
export function claim(first: unknown, second?: unknown, third?: unknown): Claim {
  const named = typeof first === 'string'
  const schema = (named ? second : first) as StandardSchemaV1
  const { encode } = ((named ? third : second) ?? {}) as ClaimOptions<unknown>
  return { name: named ? first : undefined, schema, ...(encode === undefined ? {} : { encode }) }
}

/** Everything that is wrong with some claims, one text each. */
export function claimProblems(claims: unknown): string[] {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    return ['claims must be an object of attribute names and `claim()`s']
  }
  const problems: string[] = []
  const owners = new Map<string, string>()
  for (const [attribute, declared] of Object.entries(claims as Record<string, Partial<Claim> | null>)) {
    const name = declared?.name ?? attribute
    if (reservedAttributes.has(attribute) || attribute in Object.prototype) {
      problems.push(`the attribute \`${attribute}\` is reserved; choose another name`)
    }
    if (!isStandardSchema(declared?.schema)) {
      problems.push(`\`${attribute}\` must be a \`claim()\` with a Standard Schema (zod, valibot, arktype)`)
    } else if (isAsynchronous(declared.schema)) {
      problems.push(`the schema of \`${attribute}\` is asynchronous; claims need a synchronous one`)
    }
    if (registeredClaims.has(name)) {
      problems.push(`\`${attribute}\` redeclares the claim "${name}", which twopi reads and writes itself`)
    } else if (name === '' || name in Object.prototype) {
      problems.push(`\`${attribute}\` needs another name on the wire`)
    }
    const owner = owners.get(name)
    if (owner !== undefined) problems.push(`\`${owner}\` and \`${attribute}\` have the same name on the wire`)
    owners.set(name, attribute)
  }
  return problems
}

// Most asynchronous schemas show themselves on any value. One that does not is refused when it does.
function isAsynchronous(schema: StandardSchemaV1): boolean {
  try {
    const result: unknown = schema['~standard'].validate(undefined)
    if (!isPromiseLike(result)) return false
    forget(result)
    return true
  } catch {
    return false
  }
}
