import { Handled } from '../../http/handled.ts'
import type { HttpResponse } from '../../http/http-response.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'

/** An outcome as a web `Response`; to a HEAD request the same headers go without the body. */
export function toWebResponse(outcome: Outcome, method: string): Response {
  const rendered = render(outcome, method)
  if (rendered instanceof Handled) throw new TypeError('A fetch-style view answers with data, a reply or a Response.')
  const { status, headers, body } = rendered
  if (rendered instanceof Response && method !== 'HEAD') return rendered
  return new Response(method === 'HEAD' ? null : (body as string | null), { status, headers: toHeaders(headers) })
}

function toHeaders(values: HttpResponse['headers'] | Headers): Headers | Record<string, string> {
  if (values instanceof Headers) return values
  const plain: Record<string, string> = {}
  let headers: Headers | undefined
  for (const name in values) {
    const value = values[name]
    if (typeof value === 'object') headers ??= new Headers()
    else if (value !== undefined) plain[name] = String(value)
  }
  if (headers === undefined) return plain
  for (const name in plain) headers.set(name, plain[name] as string)
  for (const name in values) {
    const value = values[name]
    if (typeof value === 'object') for (const item of value) headers.append(name, item)
  }
  return headers
}
