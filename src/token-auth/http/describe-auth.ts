import type {
  DescribedArgs,
  DescribedReply,
  DescribedToken,
  JsonSchema,
  StepDescription,
} from '../../http/describe-step.ts'
import type { ParseAuthHeaderOptions } from './find-token.ts'

// What the steps and views of token auth say of themselves, to those who document an API.

const CHALLENGE = { 'WWW-Authenticate': 'Why, in the words of RFC 6750 section 3.' }

const UNAUTHORIZED: DescribedReply = {
  status: 401,
  name: 'Unauthorized',
  description: 'A token is missing, has expired or is not valid.',
  headers: CHALLENGE,
}

const BAD_REQUEST: DescribedReply = {
  status: 400,
  name: 'MalformedToken',
  description: 'The token came more than once, or is not well-formed.',
  headers: CHALLENGE,
}

/** For `parseAuthHeader`. */
export function describeToken(options: ParseAuthHeaderOptions, isJwt: boolean): StepDescription {
  return { token: tokenOf(options, isJwt), replies: [UNAUTHORIZED, BAD_REQUEST] }
}

function tokenOf(options: ParseAuthHeaderOptions, isJwt: boolean): DescribedToken {
  const { authHeader = true, queryString = options.compat === 'twopi-flask', cookie = false } = options
  const parameter = queryString === true ? 'token' : queryString
  return {
    in: [
      ...(authHeader ? [{ location: 'header', name: 'Authorization' } as const] : []),
      ...(parameter === false ? [] : [{ location: 'query', name: parameter } as const]),
      ...(cookie === false ? [] : [{ location: 'cookie', name: cookie } as const]),
    ],
    format: isJwt ? 'JWT' : undefined,
  }
}

/** For `authRequired`. */
export function describeRequired(scopes: readonly string[]): StepDescription {
  const forbidden: DescribedReply = {
    status: 403,
    name: 'Forbidden',
    description: 'The token lacks a scope that is needed here.',
    headers: CHALLENGE,
  }
  return { requires: { scopes }, replies: [UNAUTHORIZED, ...(scopes.length > 0 ? [forbidden] : [])] }
}

const TEXT: JsonSchema = { type: 'string' }

/** For the view `login`. @param fields - a name that ends in `?` may be missing */
export function describeLogin(fields: readonly string[]): StepDescription {
  const refused: DescribedReply = {
    status: 401,
    name: 'WrongCredentials',
    description: 'The credentials are wrong.',
    headers: CHALLENGE,
  }
  return {
    operation: { summary: 'Log in' },
    args: [bodyOf(fields)],
    replies: [tokens(['token', 'refreshToken']), refused, ...BODY_REPLIES],
  }
}

/** For the view `renew`. */
export function describeRenew(rotation: boolean): StepDescription {
  return {
    operation: { summary: 'Get another token' },
    args: [bodyOf(['refreshToken'])],
    replies: [tokens(rotation ? ['token', 'refreshToken'] : ['token']), UNAUTHORIZED, ...BODY_REPLIES],
  }
}

/** For the view `logout`. */
export function describeLogout(compat: ParseAuthHeaderOptions['compat']): StepDescription {
  return {
    operation: { summary: 'Log out', description: 'With the token, or with `refreshToken` in the body.' },
    args: [bodyOf(['refreshToken?'])],
    token: tokenOf({ compat }, true),
    replies: [
      { status: 200, description: 'Logged out.', schema: objectOf({ status: { const: 'success' } }) },
      UNAUTHORIZED,
      BAD_REQUEST,
      // A body of another type counts as none.
      ...BODY_REPLIES.filter(({ status }) => status !== 415),
    ],
  }
}

function bodyOf(fields: readonly string[]): DescribedArgs {
  const described = fields.map((wanted) => {
    const name = wanted.replace(/\?$/, '')
    const schema = /password/i.test(name) ? { ...TEXT, format: 'password' } : TEXT
    return [name, { schema, required: name === wanted }] as const
  })
  return { in: ['json', 'form'], fields: Object.fromEntries(described) }
}

function tokens(names: readonly string[]): DescribedReply {
  return {
    status: 200,
    description: 'Success.',
    schema: objectOf(Object.fromEntries(names.map((name) => [name, TEXT]))),
  }
}

function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) }
}

const BODY_REPLIES: readonly DescribedReply[] = [
  { status: 400, name: 'UnreadableBody', description: 'The body cannot be read.' },
  { status: 413, name: 'BodyTooLarge', description: 'The body has too many bytes.' },
  { status: 415, name: 'NeitherJsonNorForm', description: 'The body is neither JSON nor a form.' },
  { status: 422, name: 'WrongFields', description: 'A field is missing or is not a text.' },
]
