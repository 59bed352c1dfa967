import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { HttpResponse } from '../../http/http-response.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'
import { toWebResponse } from '../fetch/respond.ts'

/** An outcome as a response of this context, with the headers that `c.header()` has set before. */
export function respond(c: Context, outcome: Outcome): Response {
  const rendered = render(outcome, c.req.method)
  // Hono takes the body from a HEAD itself, after it has seen what GET answers.
  if (!(rendered instanceof HttpResponse)) return toWebResponse(rendered, 'GET')
  const { status, headers, body } = rendered
  const header: (name: string, value: string, options: { append: boolean }) => void = c.header
  // In one call with the body, because Hono then needs no `Headers`; lists and cookies are added to those set before.
  const single: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'object') for (const item of value) header(name, item, { append: true })
    else if (name.toLowerCase() === 'set-cookie') header(name, String(value), { append: true })
    else single[name] = String(value)
  }
  return c.body(body as string, status as ContentfulStatusCode, single)
}
