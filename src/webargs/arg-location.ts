/**
 * Where arguments are looked for. `json_or_form` is a body that is either one; it is written as webargs writes it, because
 * clients read it in errors.
 */
export type ArgLocation = 'path' | 'query' | 'headers' | 'cookies' | 'json' | 'form' | 'json_or_form' | 'files'

/** What is done with fields that nobody declared: refuse the request, leave them out, or pass them on as they are. */
export type UnknownPolicy = 'raise' | 'exclude' | 'include'

/** webargs 8: what a program sends on purpose is checked, what browsers and proxies add is not. */
export const DEFAULT_UNKNOWN: Readonly<Record<ArgLocation, UnknownPolicy>> = {
  path: 'raise',
  query: 'exclude',
  headers: 'exclude',
  cookies: 'exclude',
  json: 'raise',
  form: 'raise',
  json_or_form: 'raise',
  files: 'exclude',
}

/** Tells whether a text names a location. */
export function isArgLocation(name: string): name is ArgLocation {
  return Object.hasOwn(DEFAULT_UNKNOWN, name)
}

/** The locations that are, or are in, the body; a request has one body. */
export const BODY_LOCATIONS: ReadonlySet<ArgLocation> = new Set(['json', 'form', 'json_or_form', 'files'])
