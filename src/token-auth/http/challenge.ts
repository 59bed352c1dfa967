// `WWW-Authenticate: Bearer …` (RFC 6750 section 3). Everything in it is fixed when the step is made: nothing of a request
// ever goes into a challenge.

/** Why access is refused, in the words of RFC 6750 section 3.1. */
export interface Refusal {
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  readonly description: string
  /** The scopes that are needed, separated by spaces. */
  readonly scope?: string | undefined
}

/**
 * The value of `WWW-Authenticate`.
 *
 * @param realm - checked by {@link challengeProblems}
 * @param refusal - left out when the request simply had no token: RFC 6750 section 3.1 wants no `error` then
 */
export function challenge(realm: string, refusal?: Refusal): string {
  const parameters = [`realm=${quote(realm)}`]
  if (refusal !== undefined) {
    parameters.push(`error=${quote(refusal.error)}`, `error_description=${quote(refusal.description)}`)
    if (refusal.scope !== undefined) parameters.push(`scope=${quote(refusal.scope)}`)
  }
  return `Bearer ${parameters.join(', ')}`
}

/**
 * What is wrong with what the caller wants to see in challenges. A control character such as CR or LF would end the header.
 *
 * @param realm - printable ASCII
 * @param scopes - scope tokens of RFC 6749 section 3.3: printable ASCII without space, `"` and `\`
 */
export function challengeProblems(realm: unknown, scopes: unknown = []): readonly string[] {
  const problems: string[] = []
  if (typeof realm !== 'string' || !/^[\x20-\x7e]*$/.test(realm)) {
    problems.push('`realm` must be a string of printable ASCII characters')
  }
  if (!Array.isArray(scopes)) problems.push('`scopes` must be an array of strings; leave it out to ask for none')
  else {
    scopes.forEach((scope: unknown, i) => {
      if (typeof scope === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) return
      problems.push(`\`scopes[${i}]\` must be printable ASCII without spaces, quotes and backslashes`)
    })
  }
  return problems
}

/** A quoted-string of RFC 9110 section 5.6.4. */
function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
