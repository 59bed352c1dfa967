import { describeStep } from '../http/describe-step.ts'
import { HttpError } from '../http/http-error.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { HeaderValues } from '../http/reply.ts'
import type { RequestContext } from '../http/request-context.ts'
import { docsPage } from './docs-page.ts'
import { matchesTag } from './matches-tag.ts'
import { openapi } from './openapi.ts'
import { assertUsable, type OpenApiOptions, type OpenApiSource } from './openapi-options.ts'
import { openSwaggerUi, ViewerFiles } from './viewer-files.ts'

/** Options of {@link apiDocs}. */
export interface ApiDocsOptions extends OpenApiOptions {
  /** Where the page finds the document, seen from the page. On the same server. Default `openapi.json`, beside it. */
  readonly documentUrl?: string | undefined
}

/** What {@link apiDocs} makes: two views, which do not show up in the document. */
export interface ApiDocs {
  /** Answers the document as JSON. */
  readonly json: (context: RequestContext) => HttpResponse
  /** Answers the page, and at `/:file` below it the files that it needs. */
  readonly page: (context: RequestContext) => Promise<HttpResponse>
}

/**
 * Two views: the OpenAPI document of an API, and a page to read it on and try it out. The page is Swagger UI, from the npm
 * package `swagger-ui-dist` that the application installs; it loads nothing from anywhere else, and says so to the browser
 * in a strict `Content-Security-Policy`.
 *
 * The document is made when it is first asked for, so the views may be added to the Api that they are about.
 *
 * @param source - as for `openapi`
 * @param options - as for `openapi`, and `documentUrl`
 * @throws TypeError when the options cannot be used; what is wrong with routes that are added later, at the first request
 * @throws OpenApiError `ERR_OPENAPI_VIEWER_MISSING` on a request for the page without `swagger-ui-dist`: a 500 whose reason
 *   `onError` is told
 *
 * @example
 * ```ts
 * import { apiDocs } from 'twopi/openapi'
 * import { Api } from 'twopi/restful'
 *
 * export const api = new Api({ prefix: '/api/v1' })
 * const docs = apiDocs(api, { info: { title: 'A small school', version: '1.0.0' } })
 * api.addResource({ get: docs.json }, '/openapi.json')
 * api.addResource({ get: docs.page }, '/docs', '/docs/:file')
 * ```
 */
export function apiDocs(source: OpenApiSource | readonly OpenApiSource[], options: ApiDocsOptions): ApiDocs {
  const { documentUrl = 'openapi.json', ...openApiOptions } = options
  assertUsable([], openApiOptions)
  const files = new ViewerFiles(openSwaggerUi)
  let text: string | undefined

  const json = () => {
    text ??= JSON.stringify(openapi(source, openApiOptions))
    return new HttpResponse(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' }, text)
  }

  const page = async ({ request }: RequestContext) => {
    const { file: name } = request.params
    if (name === undefined) {
      await files.assertInstalled()
      const html = docsPage({ title: options.info.title, path: request.path, documentUrl })
      return new HttpResponse(200, { ...SAFE, 'content-type': 'text/html; charset=utf-8' }, html)
    }
    const file = await files.find(name)
    if (file === undefined) throw new HttpError(404)
    const headers = { ...SAFE, etag: file.etag, 'cache-control': 'no-cache' }
    if (matchesTag(request.headers.get('if-none-match'), file.etag)) return new HttpResponse(304, headers, null)
    return new HttpResponse(200, { ...headers, 'content-type': file.type }, file.body)
  }

  const hidden = { operation: { hidden: true } }
  return { json: describeStep(json, hidden), page: describeStep(page, hidden) }
}

// Everything comes from this server, and no script or style stands in the page. The viewer's icons are `data:` images.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const SAFE: HeaderValues = {
  'content-security-policy': POLICY.join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
