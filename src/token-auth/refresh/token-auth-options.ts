import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { challengeProblems } from '../http/challenge.ts'
import { compatProblems, flagProblems, nameProblems } from '../http/option-problems.ts'
import type { Keys } from '../keys/keys.ts'
import { policyOf } from '../token/policy-of.ts'
import type { RefreshPolicy } from './refresh-sessions.ts'
import { derivedRefreshKeys, type RefreshKeySource, readRefreshKeys } from './refresh-token-keys.ts'
import type { RefreshTokenStore } from './refresh-token-store.ts'
import type { RenewableTokenClass, TokenAuthPolicy } from './token-auth-types.ts'

/** Options with their defaults, checked. */
export interface ReadTokenAuthOptions<Field extends string> {
  readonly fields: readonly Field[]
  readonly realm: string
  readonly clock: () => number
  /** What refresh tokens are made with. */
  readonly keys: () => Keys | Promise<Keys>
  /** In bytes. */
  readonly bodyLimit: number
  readonly policy: Omit<RefreshPolicy, 'clock' | 'headers'>
}

const STORE_METHODS = ['create', 'find', 'rotate', 'touch', 'revoke', 'revokeAll', 'list', 'deleteExpired'] as const

const OPTIONS: readonly string[] = [
  'token',
  'store',
  'authenticate',
  'fields',
  'rotation',
  'grace',
  'idle',
  'absolute',
  'refreshKeys',
  'sessionId',
  'onEvent',
  'bodyLimit',
  'realm',
  'compat',
  'clock',
] satisfies (keyof TokenAuthPolicy<string> | 'token' | 'authenticate' | 'sessionId')[]

/** @throws TypeError that lists everything that is wrong */
export function readTokenAuthOptions<Field extends string>(
  options: TokenAuthPolicy<Field> & {
    readonly token: RenewableTokenClass
    readonly authenticate: unknown
    readonly sessionId?: unknown
  },
): ReadTokenAuthOptions<Field> {
  const { token, store, authenticate, realm = 'api', rotation = false, clock = Date.now, bodyLimit = 16_384 } = options
  const fields = options.fields ?? (['username', 'password'] as string[] as Field[])
  const problems: string[] = [...nameProblems(options, OPTIONS)]
  for (const method of ['tryLoad', 'fromRefreshToken'] as const) {
    if (typeof token?.[method] !== 'function') problems.push(`\`token\` must be a token class with \`${method}\``)
  }
  const missing = STORE_METHODS.filter(
    (method) => typeof (store as Partial<RefreshTokenStore>)?.[method] !== 'function',
  )
  if (missing.length > 0) problems.push(`\`store\` must be a RefreshTokenStore; it lacks ${missing.join(', ')}`)
  if (typeof authenticate !== 'function') problems.push('`authenticate` must be a function')
  if (typeof clock !== 'function') problems.push('`clock` must be a function')
  if (!Array.isArray(fields) || !fields.every((name) => typeof name === 'string' && /^[^?]+\??$/.test(name))) {
    problems.push("`fields` must be a list of names, such as ['username', 'password', 'otp?']")
  }
  const absolute = read('absolute', options.absolute ?? '90 days', problems)
  const idle = read('idle', options.idle ?? '14 days', problems)
  const grace = read('grace', options.grace ?? 30, problems)
  if (absolute === 0) problems.push('`absolute` must be more than 0')
  if (idle === 0) problems.push('`idle` must be more than 0')
  if (grace > 300_000) problems.push(`\`grace\` must be from 0 to 300 seconds, found ${grace / 1000}`)
  if (!Number.isSafeInteger(bodyLimit) || bodyLimit < 1) {
    problems.push(`\`bodyLimit\` must be a whole number of bytes from 1, found ${String(bodyLimit)}`)
  }
  problems.push(...flagProblems(options, ['rotation']), ...compatProblems(options), ...challengeProblems(realm))
  for (const name of ['sessionId', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      problems.push(`\`${name}\` must be a function`)
  }
  const keys = readKeys(options, problems)
  assertNoProblems('createTokenAuth', problems)
  return { fields, realm, clock, keys, bodyLimit, policy: { rotation, grace, idle, absolute } }
}

function readKeys(
  { refreshKeys, token }: { readonly refreshKeys?: RefreshKeySource | undefined; readonly token: RenewableTokenClass },
  problems: string[],
): () => Keys | Promise<Keys> {
  try {
    if (refreshKeys === undefined) return derivedRefreshKeys(token && policyOf(token))
    const keys = readRefreshKeys(refreshKeys)
    return () => keys
  } catch (error) {
    problems.push((error as Error).message)
    return () => Promise.reject(error)
  }
}

function read(name: string, duration: Duration, problems: string[]): number {
  try {
    return toMilliseconds(duration, name)
  } catch (error) {
    problems.push((error as Error).message)
    return 1
  }
}
