import { forget, isPromiseLike } from '../../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../../lib/standard-schema.ts'
import { TokenClaimError } from '../errors/token-error.ts'
import type { Claim, ClaimDefinitions } from './claim.ts'
import { TokenRejection } from './token-rejection.ts'

/** The JSON object that a token carries. */
export type Payload = Record<string, unknown>

interface CompiledClaim {
  readonly attribute: string
  readonly name: string
  readonly standard: StandardSchemaV1.Props<unknown, unknown>
  readonly encode: ((value: unknown) => unknown) | undefined
  readonly missing: TokenRejection
  readonly invalid: TokenRejection
}

/** Translates between the attributes of a token and the claims on the wire, through the claims' schemas both ways. */
export class ClaimsCodec {
  readonly #claims: readonly CompiledClaim[]

  constructor(claims: ClaimDefinitions) {
    this.#claims = Object.entries(claims).map(([attribute, declared]) => compile(attribute, declared))
  }

  /** Copies the declared claims of a payload to `target` as attributes, and nothing else. */
  decode(payload: Payload, target: Payload): TokenRejection | null {
    for (const { attribute, name, standard, missing, invalid } of this.#claims) {
      const value = payload[name]
      const result = synchronous(standard.validate(value), attribute)
      if (result.issues !== undefined) return value === undefined ? missing : invalid
      if (result.value !== undefined) target[attribute] = result.value
    }
    return null
  }

  /**
   * Writes the attributes of `source` into a payload. What `decode` would refuse is refused here, so that no token is made
   * which nobody accepts.
   *
   * @throws TokenClaimError
   */
  encode(source: Payload, payload: Payload): void {
    for (const { attribute, name, standard, encode } of this.#claims) {
      const attributeValue = source[attribute]
      const value = attributeValue === undefined || encode === undefined ? attributeValue : encode(attributeValue)
      if (value !== undefined && !isJson(value, 0)) throw new TokenClaimError(name, 'invalid')
      if (synchronous(standard.validate(value), attribute).issues !== undefined) {
        throw new TokenClaimError(name, value === undefined ? 'missing' : 'invalid')
      }
      if (value !== undefined) payload[name] = value
    }
  }

  /** Copies the attributes of `source` to `target`, and answers them in the order of the claims. */
  assign(source: Payload, target: Payload): readonly unknown[] {
    return this.#claims.map(({ attribute }) => {
      const value = source[attribute]
      if (value !== undefined) target[attribute] = value
      return value
    })
  }

  /** The first attribute of `target` that is not what `assign` answered. */
  changed(target: Payload, assigned: readonly unknown[]): string | undefined {
    return this.#claims.find(({ attribute }, index) => !Object.is(target[attribute], assigned[index]))?.attribute
  }
}

function compile(attribute: string, declared: Claim): CompiledClaim {
  const name = declared.name ?? attribute
  return {
    attribute,
    name,
    standard: declared.schema['~standard'],
    encode: declared.encode,
    missing: new TokenRejection('ERR_TOKEN_CLAIM', name, 'missing'),
    invalid: new TokenRejection('ERR_TOKEN_CLAIM', name, 'invalid'),
  }
}

function synchronous<Output>(
  result: StandardSchemaV1.Result<Output> | PromiseLike<StandardSchemaV1.Result<Output>>,
  attribute: string,
): StandardSchemaV1.Result<Output> {
  if (!isPromiseLike(result)) return result
  forget(result)
  throw new TypeError(`The schema of \`${attribute}\` is asynchronous; claims need a synchronous one.`)
}

// Deeper than any claim, and far from the end of the stack.
const MOST_LEVELS = 32

// True when JSON gives back the very same value: a Date or a NaN would pass its schema here and fail on the other side, and what has a
// `toJSON` goes out as something else than what the schema saw.
function isJson(value: unknown, level: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || (level < MOST_LEVELS && isJsonObject(value, level + 1))
    default:
      return false
  }
}

function isJsonObject(value: object, level: number): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item, level)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value)) {
    if (!isJson((value as Payload)[key], level)) return false
  }
  return true
}
