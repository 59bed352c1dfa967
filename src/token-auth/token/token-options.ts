import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { forget, isPromiseLike } from '../../lib/maybe-promise.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import type { JwsEngine } from '../engines/jws-engine.ts'
import { nodeEngine } from '../engines/node-engine.ts'
import { MAKE_SECRET } from '../keys/hmac-key.ts'
import { type KeySource, toKeys } from '../keys/key-source.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
import { type Claim, claimProblems } from './claim.ts'

/** Options of `ShortlivedTokenMixin` and `defineToken`. */
export interface TokenOptions {
  /**
   * The keys: `Keys`, one HS256 secret as string or bytes, a remote set, or a function called on first use. Default: one
   * HS256 secret from the environment variable `SECRET_KEY`.
   */
  readonly keys?: KeySource | (() => Keys | string | Uint8Array) | undefined
  /** Written to `iss`; tokens of another issuer are refused. Default: no issuer is written or asked for. */
  readonly issuer?: string | undefined
  /**
   * Written to `aud`; a token must be meant for at least one of these. Default: none is written, and a token that is meant for
   * somebody (that has `aud`) is refused (RFC 7519 section 4.1.3).
   */
  readonly audience?: string | readonly string[] | undefined
  /** The `typ` of the header, which keeps kinds of tokens apart (RFC 8725 section 3.11). Default: `at+jwt` (RFC 9068). */
  readonly type?: string | undefined
  /** The life of a token that is made with neither `expiresIn` nor `expiry`. Default: 15 minutes, or `maxLifetime` if that is less. */
  readonly lifetime?: Duration | undefined
  /**
   * The longest life of a token, when made and when read. `'unlimited'` switches the limit off. **Warning:** a stolen token works until it
   * ends. Default: 1 hour.
   */
  readonly maxLifetime?: Duration | 'unlimited' | undefined
  /** How far the clocks of two servers may differ: 0 to 60 seconds. Default: 5 seconds. */
  readonly clockTolerance?: Duration | undefined
  /** What makes and checks signatures. Default: `nodeEngine`. */
  readonly engine?: JwsEngine | undefined
  /** The present in milliseconds since 1970, for tests. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /**
   * Also accept tokens whose header has `typ: JWT` or no `typ`. **Warning:** any other JWT signed with the same key is then
   * accepted too, when its claims fit. Default: false.
   */
  readonly acceptUntyped?: boolean | undefined
  /**
   * Also accept tokens without `exp`. **Warning:** such a token is good for ever; only a change of keys ends it.
   * Default: false.
   */
  readonly acceptMissingExpiry?: boolean | undefined
  /**
   * Also accept tokens without `iat`; the life of such a token is counted from the present. **Warning:** a token can then live longer
   * than `maxLifetime`. Default: false.
   */
  readonly acceptMissingIssuedAt?: boolean | undefined
  /**
   * Accept an HS256 secret of fewer than 32 bytes. **Warning:** it can be found by trying, from one token, without asking the server.
   * Default: false.
   */
  readonly acceptShortSecrets?: boolean | undefined
  /**
   * Accept what the Python package `twopi-flask-utils` made: the same as `acceptUntyped`, `acceptMissingExpiry`,
   * `acceptMissingIssuedAt`, `acceptShortSecrets` and `maxLifetime: 'unlimited'`. Each of them can be set apart and then wins. For the time
   * of a move only: every warning above applies.
   */
  readonly compat?: 'twopi-flask' | undefined
}

/** Options with their defaults, checked. Times in seconds. */
export interface TokenPolicy {
  readonly type: string
  readonly issuer: string | undefined
  readonly audience: readonly string[] | undefined
  readonly lifetime: number
  readonly maxLifetime: number
  readonly clockTolerance: number
  readonly acceptUntyped: boolean
  readonly acceptMissingExpiry: boolean
  readonly acceptMissingIssuedAt: boolean
  readonly acceptShortSecrets: boolean
  readonly engine: JwsEngine
  readonly clock: () => number
  readonly keys: Keys | AsyncKeys | (() => unknown)
}

const optionNames: ReadonlySet<string> = new Set<keyof TokenOptions>([
  'keys',
  'issuer',
  'audience',
  'type',
  'lifetime',
  'maxLifetime',
  'clockTolerance',
  'engine',
  'clock',
  'acceptUntyped',
  'acceptMissingExpiry',
  'acceptMissingIssuedAt',
  'acceptShortSecrets',
  'compat',
])

/**
 * Checks claims and options together.
 *
 * @throws TypeError that lists everything that is wrong
 */
export function readTokenOptions(claims: Readonly<Record<string, Claim>>, given: TokenOptions): TokenPolicy {
  const problems = claimProblems(claims)
  const options = checkNames(given, optionNames, problems)
  const { compat, engine = nodeEngine, clock = Date.now, type = 'at+jwt' } = options
  if (compat !== undefined && compat !== 'twopi-flask') problems.push("`compat` must be 'twopi-flask'")
  const relaxed = compat === 'twopi-flask'
  const acceptShortSecrets = options.acceptShortSecrets ?? relaxed

  if (typeof type !== 'string' || !/^[A-Za-z0-9!#$&^_.+/-]{1,64}$/.test(type)) {
    problems.push("`type` must be a media type without 'application/', such as 'at+jwt'")
  }
  if (typeof clock !== 'function') problems.push('`clock` must be a function')
  if (typeof engine?.sign !== 'function' || typeof engine.verify !== 'function') {
    problems.push('`engine` must have `sign` and `verify`')
  } else if (typeof engine.sync !== 'boolean') problems.push('`engine` must say in `sync` whether it is synchronous')
  const maxLifetime = readSeconds(
    'maxLifetime',
    options.maxLifetime ?? (relaxed ? 'unlimited' : '1 hour'),
    1,
    Number.POSITIVE_INFINITY,
    problems,
  )
  const policy = {
    type,
    issuer: readText('issuer', options.issuer, problems),
    audience: readAudience(options.audience, problems),
    maxLifetime,
    lifetime: readSeconds('lifetime', options.lifetime ?? Math.min(900, maxLifetime), 1, maxLifetime, problems),
    clockTolerance: readSeconds('clockTolerance', options.clockTolerance ?? 5, 0, 60, problems),
    acceptUntyped: options.acceptUntyped ?? relaxed,
    acceptMissingExpiry: options.acceptMissingExpiry ?? relaxed,
    acceptMissingIssuedAt: options.acceptMissingIssuedAt ?? relaxed,
    acceptShortSecrets,
    engine,
    clock,
    keys: readKeySource(options.keys, acceptShortSecrets, engine, problems),
  }
  assertNoProblems('Token options', problems)
  return policy
}

/**
 * Checks that options are an object, and their names.
 *
 * @returns the options, or none when they are something else
 */
export function checkNames<Options extends object>(
  options: Options,
  names: ReadonlySet<string>,
  problems: string[],
): Partial<Options> {
  if (!isOptions(options)) {
    problems.push('expected an object of options; keys or a secret are passed as `{ keys: secret }`')
    return {}
  }
  for (const name of Object.keys(options)) {
    if (!names.has(name)) problems.push(`there is no option \`${name}\``)
  }
  return options
}

// Neither text nor bytes nor a set of keys: what is given for options by mistake would count as options without effect.
function isOptions(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(Symbol.iterator in value) &&
    typeof (value as { find?: unknown }).find !== 'function'
  )
}

/**
 * Makes keys of a source, and lets the engine import them.
 *
 * @throws TypeError when it is no source of keys, or a key is unusable
 */
export function readKeys(source: unknown, acceptShortSecrets: boolean, engine: JwsEngine): Keys | AsyncKeys {
  const keys = toKeys(source, acceptShortSecrets)
  if (keys instanceof Keys) {
    for (const key of keys) {
      const ready: unknown = engine?.prepare?.(key)
      // What goes wrong later is thrown again when the key is used.
      if (isPromiseLike(ready)) forget(ready)
    }
  }
  return keys
}

/** A non-empty text, checked. */
export function readText(name: string, value: unknown, problems: string[]): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  problems.push(`\`${name}\` must be a text that is not empty`)
  return undefined
}

/** One audience or several, as a list. */
export function readAudience(value: unknown, problems: string[]): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? [...value] : [value]
  if (list.length > 0 && list.every((item) => typeof item === 'string' && item !== '')) {
    // Tokens hand it out.
    return Object.freeze(list) as readonly string[]
  }
  problems.push('`audience` must be a text or a list of texts, none of them empty')
  return undefined
}

const wholeSeconds: ReadonlySet<string> = new Set(['maxLifetime', 'lifetime'])

function readSeconds(name: string, value: unknown, least: number, most: number, problems: string[]): number {
  if (name === 'maxLifetime' && value === 'unlimited') return most
  let seconds: number
  try {
    seconds = toMilliseconds(value as Duration, name) / 1000
  } catch (error) {
    problems.push((error as Error).message)
    return least
  }
  if (seconds < least || seconds > most) {
    problems.push(
      most === Number.POSITIVE_INFINITY
        ? `\`${name}\` must be at least ${least} second`
        : `\`${name}\` must be from ${least} to ${most} seconds, found ${seconds}`,
    )
  }
  // Times in a token are whole seconds; a limit between two of them would depend on the fraction of the present.
  if (wholeSeconds.has(name) && !Number.isInteger(seconds)) {
    problems.push(`\`${name}\` must be whole seconds, found ${seconds}`)
  }
  return seconds
}

function readKeySource(
  keys: unknown,
  acceptShortSecrets: boolean,
  engine: JwsEngine,
  problems: string[],
): TokenPolicy['keys'] {
  if (keys === undefined) return secretFromEnvironment
  if (typeof keys === 'function') return keys as () => unknown
  try {
    return readKeys(keys, acceptShortSecrets, engine)
  } catch (error) {
    problems.push((error as Error).message)
    return secretFromEnvironment
  }
}

function secretFromEnvironment(): string {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }
  const secret = process?.env?.['SECRET_KEY']
  if (secret !== undefined && secret !== '') return secret
  throw new TypeError(
    `There is no key to sign and verify tokens with. Set the environment variable SECRET_KEY, or pass \`keys\`. Make a secret with: ${MAKE_SECRET}`,
  )
}
