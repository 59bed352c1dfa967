import type { HttpRequest } from '../../http/request.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { readAuthHeader } from './auth-header.ts'
import { assertChallengeParts } from './challenge.ts'

/** Where `parseAuthHeader` looks for a token, and how it answers. */
export interface ParseAuthHeaderOptions {
  /** Take the token from `Authorization: Bearer <token>`. Default true. */
  readonly authHeader?: boolean | undefined
  /**
   * Take the token from the URL: `?token=`, or the parameter named here. Default false: URLs end up in logs, histories and
   * `Referer` headers (RFC 9700 section 4.3.2).
   */
  readonly queryString?: boolean | string | undefined
  /** Take the token from the cookie of this name. Default false: a cookie also comes with requests of other sites. */
  readonly cookie?: string | false | undefined
  /** When a token comes in more than one way, take the header's as the original did, instead of answering 400. Default false. */
  readonly headerWins?: boolean | undefined
  /** `'twopi-flask'` sets `queryString` and `headerWins`, unless they are given, and lets `secret` be short. */
  readonly compat?: 'twopi-flask' | undefined
  /** Named in the `WWW-Authenticate` challenge. Default `'api'`. */
  readonly realm?: string | undefined
}

/** Null: the request has no token. Undefined: it has one that is not well-formed, or several. */
export type TokenFinder = (request: HttpRequest) => string | null | undefined

/**
 * Makes the function that finds the token of a request.
 *
 * @throws TypeError for options that cannot work
 */
export function tokenFinder(options: ParseAuthHeaderOptions): TokenFinder {
  const flask = options.compat === 'twopi-flask'
  const { authHeader = true, queryString = flask, cookie = false, headerWins = flask } = options
  const parameter = queryString === true ? 'token' : queryString
  assertChallengeParts('parseAuthHeader', options.realm ?? 'api')
  assertNoProblems('parseAuthHeader', [
    ...(parameter === '' ? ["`queryString` must not be '': give the parameter's name, or true for 'token'"] : []),
    ...(cookie === '' || (cookie as unknown) === true ? ["`cookie` must be the cookie's name, or false"] : []),
    ...(!authHeader && parameter === false && cookie === false
      ? ['no token can come in: set `authHeader`, `queryString` or `cookie`']
      : []),
  ])

  return (request) => {
    const header = authHeader ? fromHeader(request) : null
    if (headerWins && header !== null) return header
    return one(header, parameter && fromQuery(request, parameter), cookie && fromCookie(request, cookie))
  }
}

function fromHeader(request: HttpRequest): string | null | undefined {
  const result = readAuthHeader(request.headers.getAll('authorization'))
  return result.kind === 'token' ? result.token : result.kind === 'none' ? null : undefined
}

function fromQuery(request: HttpRequest, parameter: string): string | null | undefined {
  const values = request.query.getAll(parameter)
  return values.length > 1 ? undefined : (values[0] ?? null)
}

/** An empty cookie is what a server leaves that clears it without an end. */
function fromCookie(request: HttpRequest, name: string): string | null {
  return request.cookies[name] || null
}

/** The one token of all places; undefined when there are several (RFC 6750 section 2). */
function one(...found: readonly (string | null | undefined | false)[]): string | null | undefined {
  let token: string | null = null
  for (const value of found) {
    if (value === null || value === false) continue
    if (value === undefined || token !== null) return undefined
    token = value
  }
  return token
}
