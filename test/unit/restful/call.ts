import { HttpResponse, type RequestContext } from 'twopi/http'
import type { Api } from 'twopi/restful'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'

/** What came back, the JSON read. */
export interface Called {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly json: unknown
}

/** Sends a request to an Api; GET unless told. */
export async function call(
  api: Pick<Api<RequestContext>, 'view'>,
  url: string,
  init: Omit<TestRequestInit, 'url'> = {},
): Promise<Called> {
  const outcome = await api.view({ request: new TestRequest({ method: 'GET', ...init, url }) })
  if (!(outcome instanceof HttpResponse)) throw new TypeError('The Api gave no HttpResponse.')
  const { status, headers, body } = outcome
  return { status, headers, json: body === null ? undefined : JSON.parse(String(body)) }
}
