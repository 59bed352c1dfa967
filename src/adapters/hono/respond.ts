import type { Context } from 'hono'
import { HttpResponse } from '../../http/http-response.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'
import { toWebResponse } from '../fetch/respond.ts'

/** An outcome as a response of this context, with the headers that `c.header()` has set before. */
export function respond(c: Context, outcome: Outcome): Response {
  const rendered = render(outcome)
  if (!(rendered instanceof HttpResponse)) return toWebResponse(rendered, 'GET')
  const { status, headers, body } = rendered
  c.status(status as Parameters<Context['status']>[0])
  const header: (name: string, value: string, options: { append: boolean }) => void = c.header
  for (const [name, value] of Object.entries(headers)) {
    const append = typeof value === 'object' || name.toLowerCase() === 'set-cookie'
    for (const item of typeof value === 'object' ? value : [value]) header(name, String(item), { append })
  }
  return body === null ? c.body(null) : c.body(body as string)
}
