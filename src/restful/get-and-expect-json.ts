import { BodyError } from '../http/body-errors.ts'
import type { JsonParseOptions } from '../http/json-parse.ts'
import type { HttpRequest } from '../http/request.ts'
import { ExpectedJSONException } from './expected-json-exception.ts'

/**
 * The JSON that a request brought. `false`, `0`, `""` and `{}` are JSON; `null` and nothing at all are not what an API
 * that expects JSON means by it.
 *
 * @param request - from the context of a view
 * @param options - `bigNumbers` reads numbers that do not fit without losing digits; the framework must then not parse
 *   the body itself
 * @returns the value, never `null`; not typed, because nothing has been checked yet
 * @throws ExpectedJSONException `ERR_EXPECTED_JSON`: 400 when the body is empty, `null` or not JSON, 415 when its content
 *   type is missing or another
 * @throws BodyError what else can be wrong with a body, for instance `ERR_BODY_TOO_LARGE` (413)
 *
 * @example
 * ```ts
 * import type { RequestContext } from 'twopi/http'
 * import { getAndExpectJson } from 'twopi/restful'
 *
 * export const echo = async ({ request }: RequestContext) => ({ got: await getAndExpectJson(request) })
 * ```
 */
export async function getAndExpectJson(
  request: HttpRequest,
  options?: JsonParseOptions,
): Promise<NonNullable<unknown>> {
  const value = await readJson(request, options)
  if (value === null || value === undefined) {
    throw new ExpectedJSONException('A JSON body was expected, but the body is `null`.')
  }
  return value
}

async function readJson(request: HttpRequest, options: JsonParseOptions | undefined): Promise<unknown> {
  try {
    const value = await request.json(options)
    // Express's own parser makes `{}` of an empty body.
    if (Number(request.headers.get('content-length') ?? Number.NaN) !== 0) return value
  } catch (error) {
    if (!(error instanceof BodyError) || !isExpectation(error)) throw error
    throw new ExpectedJSONException(error.messages, { status: error.status === 415 ? 415 : 400, cause: error })
  }
  throw new ExpectedJSONException('A JSON body was expected, but the body is empty.')
}

function isExpectation({ code }: BodyError): boolean {
  return code === 'ERR_BODY_EMPTY' || code === 'ERR_BODY_MALFORMED' || code === 'ERR_BODY_CONTENT_TYPE'
}
