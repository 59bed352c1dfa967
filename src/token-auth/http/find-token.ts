import type { HttpRequest } from '../../http/request.ts'
import { readAuthHeader } from './auth-header.ts'
import { challengeProblems } from './challenge.ts'
import { compatProblems, flagProblems } from './option-problems.ts'

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

/** What a request has in the place of a token. */
export type FoundToken =
  | { readonly kind: 'token'; readonly token: string; readonly from: 'header' | 'query' | 'cookie' }
  | { readonly kind: 'none' }
  /** One that is not well-formed, or several. */
  | { readonly kind: 'malformed' }

export type TokenFinder = (request: HttpRequest) => FoundToken

/** The options of `parseAuthHeader` that are about places. */
export const PLACE_OPTIONS: readonly string[] = [
  'authHeader',
  'queryString',
  'cookie',
  'headerWins',
  'compat',
  'realm',
] satisfies (keyof ParseAuthHeaderOptions)[]

/** Whether a token may come in another way than by the header. */
export function mayComeElsewhere({ compat, queryString, cookie = false }: ParseAuthHeaderOptions): boolean {
  return (queryString ?? compat === 'twopi-flask') !== false || cookie !== false
}

/** Everything that is wrong with the options about places. */
export function placeProblems(options: ParseAuthHeaderOptions): readonly string[] {
  const { authHeader = true, queryString, cookie = false, realm = 'api' } = options
  return [
    ...challengeProblems(realm),
    ...compatProblems(options),
    ...flagProblems(options, ['authHeader', 'headerWins']),
    ...(queryString === '' || !['boolean', 'string', 'undefined'].includes(typeof queryString)
      ? ["`queryString` must be the parameter's name, true for 'token', or false"]
      : []),
    ...(cookie === false || (typeof cookie === 'string' && cookie !== '')
      ? []
      : ["`cookie` must be the cookie's name, or false"]),
    ...(!authHeader && !mayComeElsewhere(options)
      ? ['no token can come in: set `authHeader`, `queryString` or `cookie`']
      : []),
  ]
}

const NONE: FoundToken = { kind: 'none' }
const MALFORMED: FoundToken = { kind: 'malformed' }

/**
 * Makes the function that finds the token of a request. In every place nothing is no token: an empty parameter, and an
 * empty cookie, which is what a server leaves that clears it without an end.
 *
 * @param options - checked by {@link placeProblems}
 */
export function tokenFinder(options: ParseAuthHeaderOptions): TokenFinder {
  const flask = options.compat === 'twopi-flask'
  const { authHeader = true, queryString = flask, cookie = false, headerWins = flask } = options
  const parameter = queryString === true ? 'token' : queryString

  return (request) => {
    const header = authHeader ? fromHeader(request) : NONE
    if (headerWins && header.kind !== 'none') return header
    return one(
      header,
      parameter === false ? NONE : single(request.query.getAll(parameter), 'query'),
      cookie === false ? NONE : single(cookiesOf(request, cookie), 'cookie'),
    )
  }
}

function fromHeader(request: HttpRequest): FoundToken {
  const result = readAuthHeader(request.headers.getAll('authorization'))
  return result.kind === 'token' ? { ...result, from: 'header' } : result
}

function single(values: readonly string[], from: 'query' | 'cookie'): FoundToken {
  if (values.length > 1) return MALFORMED
  const [token = ''] = values
  return token === '' ? NONE : { kind: 'token', token, from }
}

/** `request.cookies` has the first of two with one name, but which is first is for the browser, or another site, to say. */
function cookiesOf(request: HttpRequest, name: string): readonly string[] {
  const value = request.cookies[name]
  if (value === undefined) return []
  const pairs = request.headers.getAll('cookie').flatMap((line) => line.split(';'))
  const count = pairs.filter((pair) => pair.includes('=') && pair.slice(0, pair.indexOf('=')).trim() === name).length
  return Array.from({ length: Math.max(count, 1) }, () => value)
}

/** The one token of all places; malformed when there are several (RFC 6750 section 2). */
function one(...found: readonly FoundToken[]): FoundToken {
  const [first = NONE, ...others] = found.filter(({ kind }) => kind !== 'none')
  return others.length > 0 ? MALFORMED : first
}
