/** What the `Authorization` lines of a request hold: a bearer token, none, or something that is not well-formed. */
export type AuthHeaderResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }

const NONE: AuthHeaderResult = { kind: 'none' }
const MALFORMED: AuthHeaderResult = { kind: 'malformed' }

// RFC 6750 section 2.1: "Bearer" 1*SP b64token. The scheme's case does not matter (RFC 9110 section 11.1).
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const bearerScheme = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i

/**
 * Reads the `Authorization` lines. Credentials of another scheme alone (`Basic …`) are no token; more than one credential,
 * on one line or on several, is malformed whatever the schemes are, because servers and proxies differ on which one counts.
 *
 * @param lines - each line by itself
 */
export function readAuthHeader(lines: readonly string[]): AuthHeaderResult {
  const line = lines[0]
  if (line === undefined) return NONE
  if (lines.length > 1) return MALFORMED
  const match = bearer.exec(line)
  if (match !== null) return { kind: 'token', token: match[1] as string }
  return bearerScheme.test(line) || holdsSecondScheme(line) ? MALFORMED : NONE
}

// Fetch-style servers join lines by ", ", so two lines can arrive as one. The parameters of a scheme such as Digest are
// also separated by commas, but there `=` follows the name.
const secondScheme = /,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]+[^ \t=,]/

function holdsSecondScheme(line: string): boolean {
  // Also takes a quoted string that never ends, so that it cannot be made to backtrack.
  return secondScheme.test(line.replace(/"(?:[^"\\]|\\[\s\S]?)*"?/g, '""'))
}
