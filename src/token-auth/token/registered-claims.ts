import type { Payload } from './claims-codec.ts'
import { EXPIRED, NOT_YET_VALID } from './rejections.ts'
import type { TokenOptions, TokenPolicy } from './token-options.ts'
import { TokenRejection } from './token-rejection.ts'

/** What one verification asks of a token, beyond the policy of its class. */
export interface Expectations {
  readonly issuer: string | undefined
  readonly audience: readonly string[] | undefined
  readonly ignoreExpiry: boolean
}

const reject = (claim: string, reason: 'missing' | 'invalid' | 'rejected'): TokenRejection =>
  new TokenRejection('ERR_TOKEN_CLAIM', claim, reason)

const rejections = {
  expMissing: reject('exp', 'missing'),
  expInvalid: reject('exp', 'invalid'),
  expRejected: reject('exp', 'rejected'),
  iatMissing: reject('iat', 'missing'),
  iatInvalid: reject('iat', 'invalid'),
  nbfInvalid: reject('nbf', 'invalid'),
  issMissing: reject('iss', 'missing'),
  issInvalid: reject('iss', 'invalid'),
  issRejected: reject('iss', 'rejected'),
  audMissing: reject('aud', 'missing'),
  audInvalid: reject('aud', 'invalid'),
  audRejected: reject('aud', 'rejected'),
  subInvalid: reject('sub', 'invalid'),
  jtiInvalid: reject('jti', 'invalid'),
} as const

/**
 * Checks the claims of RFC 7519 section 4.1.
 *
 * @param now - seconds since 1970
 * @returns null when all is well
 */
export function checkRegisteredClaims(
  payload: Payload,
  policy: TokenPolicy,
  expected: Expectations,
  now: number,
): TokenRejection | null {
  return (
    checkTimes(payload, policy, expected.ignoreExpiry, now) ??
    checkIssuer(payload.iss, expected.issuer) ??
    checkAudience(payload.aud, expected.audience) ??
    (isOptionalText(payload.sub) ? null : rejections.subInvalid) ??
    (isOptionalText(payload.jti) ? null : rejections.jtiInvalid)
  )
}

// Comparisons say what is good, so that a clock that gives no number accepts nothing.
function checkTimes(payload: Payload, policy: TokenPolicy, ignoreExpiry: boolean, now: number): TokenRejection | null {
  const { exp, iat, nbf } = payload
  const { clockTolerance, maxLifetime } = policy
  if (iat === undefined) {
    if (!policy.acceptMissingIssuedAt) return rejections.iatMissing
  } else if (!isTime(iat)) return rejections.iatInvalid
  else if (!(iat <= now + clockTolerance)) return NOT_YET_VALID

  if (exp === undefined) {
    if (!policy.acceptMissingExpiry) return rejections.expMissing
  } else if (!isTime(exp)) return rejections.expInvalid
  else {
    if (!(exp - (iat ?? now) <= maxLifetime)) return rejections.expRejected
    // RFC 7519 section 4.1.4: not accepted on or after that moment.
    if (!ignoreExpiry && !(now < exp + clockTolerance)) return EXPIRED
  }

  if (nbf === undefined) return null
  if (!isTime(nbf)) return rejections.nbfInvalid
  return nbf <= now + clockTolerance ? null : NOT_YET_VALID
}

function checkIssuer(iss: unknown, expected: string | undefined): TokenRejection | null {
  if (expected === undefined) return isOptionalText(iss) ? null : rejections.issInvalid
  if (iss === undefined) return rejections.issMissing
  if (typeof iss !== 'string') return rejections.issInvalid
  return iss === expected ? null : rejections.issRejected
}

function checkAudience(aud: unknown, expected: readonly string[] | undefined): TokenRejection | null {
  if (aud === undefined) return expected === undefined ? null : rejections.audMissing
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  for (const item of list) if (typeof item !== 'string') return rejections.audInvalid
  // A token that is meant for somebody is not for one who does not say who he is.
  return expected?.some((name) => list.includes(name)) === true ? null : rejections.audRejected
}

/** The last second that a `Date` can hold. JSON's 1e400 is read as Infinity. */
export const LAST_SECOND = 8.64e12

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_SECOND
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

/** What a token class asks when a call says nothing. */
export function defaultExpectations({
  issuer,
  audience,
}: Pick<TokenPolicy, keyof TokenOptions & ('issuer' | 'audience')>): Expectations {
  return { issuer, audience, ignoreExpiry: false }
}
