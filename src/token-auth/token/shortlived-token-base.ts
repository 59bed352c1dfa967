import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import type { KeySource } from '../keys/key-source.ts'
import { type Moment, toEpochMilliseconds } from '../keys/moment.ts'
import type { Payload } from './claims-codec.ts'
import { LAST_SECOND } from './registered-claims.ts'
import type { TokenDefinition } from './token-definition.ts'
import { readAudience, readText, type TokenPolicy } from './token-options.ts'

/** What every token may be made with, beside its attributes. */
export interface RegisteredInit {
  /** The life from now. Excludes `expiry`. Default: the `lifetime` of the class. */
  readonly expiresIn?: Duration | undefined
  /** The end, rounded down to a full second. Excludes `expiresIn`. */
  readonly expiry?: Moment | undefined
  /** The moment from which the token may be used. Default: at once. */
  readonly notBefore?: Moment | undefined
  /** Default: the `issuer` of the class. */
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
  /** Default: the `audience` of the class. */
  readonly audience?: string | readonly string[] | undefined
  /** A name for this one token (`jti`). */
  readonly tokenId?: string | undefined
}

/** Options of `dump`. */
export interface TokenDumpOptions {
  /** The keys to sign with. Default: those of the class. */
  readonly keys?: KeySource | undefined
}

/** Where a class made by the mixin keeps its definition. */
export const DEFINITION: unique symbol = Symbol('twopi.token-definition')

/**
 * Puts the registered claims of a verified payload into a token made from it. Set below, where the private field is in scope.
 *
 * @throws TypeError when the token lost an attribute on the way
 */
export let adoptRegistered: (token: ShortlivedTokenBase, payload: Payload) => void

/**
 * What every short-lived token has beside its attributes. It holds claims, never its text or a key, so logging it reveals no
 * credential. Make a class of your own with `ShortlivedTokenMixin`.
 */
export abstract class ShortlivedTokenBase {
  // Registered claims by their wire names, times in seconds. Dates are made when asked for.
  #registered: Payload
  // What the constructor put into the attributes.
  readonly #assigned: readonly unknown[]

  static {
    adoptRegistered = (token, payload) => {
      token.#assertAttributes(definitionOf(token.constructor))
      token.#registered = payload
    }
  }

  constructor(init: RegisteredInit) {
    const { claims, policy } = definitionOf(new.target)
    this.#assigned = claims.assign(init as unknown as Payload, this as unknown as Payload)
    this.#registered = readRegistered(init, policy)
  }

  /** The token's end. Undefined only for a token that was accepted without one. */
  get expiry(): Date | undefined {
    return toDate(this.#registered.exp)
  }

  /** The moment from which the token may be used, when it has one. */
  get notBefore(): Date | undefined {
    return toDate(this.#registered.nbf)
  }

  /** When the token was made: set by `dump()` and `load()`. */
  get issuedAt(): Date | undefined {
    return toDate(this.#registered.iat)
  }

  get issuer(): string | undefined {
    return this.#registered.iss as string | undefined
  }

  get subject(): string | undefined {
    return this.#registered.sub as string | undefined
  }

  get audience(): string | readonly string[] | undefined {
    return this.#registered.aud as string | readonly string[] | undefined
  }

  /** The token's own name (`jti`), when it has one. */
  get tokenId(): string | undefined {
    return this.#registered.jti as string | undefined
  }

  /**
   * Signs the token and returns its text. Sets `issuedAt` to the present.
   *
   * @throws TokenClaimError `ERR_TOKEN_CLAIM` when an attribute does not pass its schema, or is not JSON
   * @throws TokenError `ERR_TOKEN_TOO_LARGE` for more than 8192 characters
   * @throws TypeError when the life is longer than `maxLifetime`, no key can sign, or the engine is asynchronous
   */
  dump(options?: TokenDumpOptions): string {
    const definition = definitionOf(this.constructor)
    return definition.seal(this.#payload(definition), options)
  }

  /** The same as {@link dump}, for every engine. */
  async dumpAsync(options?: TokenDumpOptions): Promise<string> {
    const definition = definitionOf(this.constructor)
    return definition.sealAsync(this.#payload(definition), options)
  }

  // A field of a subclass by the name of an attribute, even one without a value, is set after the constructor and wins over it.
  #assertAttributes({ claims }: TokenDefinition): void {
    const changed = claims.changed(this as unknown as Payload, this.#assigned)
    if (changed !== undefined) {
      throw new TypeError(
        `The attribute \`${changed}\` of \`${this.constructor.name}\` is not what the token was made with. Attributes cannot be changed; a class that repeats one for its type must write \`declare readonly ${changed}: …\`.`,
      )
    }
  }

  #payload(definition: TokenDefinition): Payload {
    this.#assertAttributes(definition)
    const { claims, policy } = definition
    const payload: Payload = {}
    claims.encode(this as unknown as Payload, payload)
    const registered = this.#registered
    const iat = Math.floor(readClock(policy) / 1000)
    const { iss, sub, aud, nbf, jti, exp } = registered
    registered.iat = iat
    if (iss !== undefined) payload.iss = iss
    if (sub !== undefined) payload.sub = sub
    if (aud !== undefined) payload.aud = aud
    if (nbf !== undefined) payload.nbf = nbf
    if (jti !== undefined) payload.jti = jti
    payload.iat = iat
    if (exp !== undefined) {
      if ((exp as number) - iat > policy.maxLifetime) throw tooLong(policy)
      payload.exp = exp
    }
    return payload
  }
}

function definitionOf(target: object): TokenDefinition {
  const definition = (target as { [DEFINITION]?: TokenDefinition })[DEFINITION]
  if (definition === undefined) {
    throw new TypeError('A token class must extend ShortlivedTokenMixin({ … }) or defineToken({ … }).')
  }
  return definition
}

function readRegistered(init: RegisteredInit, policy: TokenPolicy): Payload {
  const { expiresIn, expiry, notBefore, issuer, subject, audience, tokenId } = init
  const now = readClock(policy)
  const registered: Payload = {
    exp: Math.floor(now / 1000 + policy.lifetime),
    iat: undefined,
    nbf: undefined,
    iss: policy.issuer,
    sub: undefined,
    aud: policy.audience?.length === 1 ? policy.audience[0] : policy.audience,
    jti: undefined,
  }
  const problems: string[] = []
  if (expiresIn !== undefined) {
    if (expiry !== undefined) problems.push('give `expiresIn` or `expiry`, not both')
    registered.exp = Math.floor((now + toMilliseconds(expiresIn, 'expiresIn')) / 1000)
  } else if (expiry !== undefined) registered.exp = readMoment('expiry', expiry, problems)
  if (notBefore !== undefined) registered.nbf = readMoment('notBefore', notBefore, problems)
  if (issuer !== undefined) registered.iss = readText('issuer', issuer, problems)
  if (subject !== undefined) registered.sub = readText('subject', subject, problems)
  if (audience !== undefined) {
    registered.aud =
      typeof audience === 'string' ? readText('audience', audience, problems) : readAudience(audience, problems)
  }
  if (tokenId !== undefined) registered.jti = readText('tokenId', tokenId, problems)
  if ((registered.exp as number) > LAST_SECOND) problems.push('the end lies beyond the year 275760, the last of a Date')
  if (problems.length > 0) assertNoProblems('Token', problems)
  if ((registered.exp as number) - now / 1000 > policy.maxLifetime) throw tooLong(policy)
  return registered
}

function readClock({ clock }: TokenPolicy): number {
  const now = clock()
  if (Number.isFinite(now)) return now
  throw new TypeError('`clock` must give milliseconds since 1970, found something else.')
}

function readMoment(name: string, moment: Moment, problems: string[]): number {
  const seconds = Math.floor(toEpochMilliseconds(moment) / 1000)
  if (seconds >= 0 && seconds <= LAST_SECOND) return seconds
  problems.push(`\`${name}\` must be a valid Date or Temporal.Instant from 1970 on`)
  return 0
}

function tooLong({ maxLifetime }: TokenPolicy): TypeError {
  return new TypeError(
    `The token would live longer than \`maxLifetime\`, which is ${maxLifetime} seconds. Give a shorter \`expiresIn\` or \`expiry\`.`,
  )
}

function toDate(seconds: unknown): Date | undefined {
  return typeof seconds === 'number' ? new Date(seconds * 1000) : undefined
}
