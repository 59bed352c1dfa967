import { Handled } from './handled.ts'
import { HttpResponse } from './http-response.ts'
import { outputJson } from './output-json.ts'
import type { Outcome } from './pipeline-types.ts'
import { Reply } from './reply.ts'

/**
 * What is left to send of an outcome: replies are written as JSON, everything else is finished already.
 *
 * A stream that nobody may read, because the method is HEAD or the status has no content, is cancelled, so that what feeds
 * it is closed.
 */
export function render(outcome: Outcome, method: string): HttpResponse | Response | Handled {
  const rendered =
    outcome instanceof Reply ? outputJson(outcome.data, outcome.status, outcome.headers) : (outcome as HttpResponse)
  if (rendered instanceof Handled) return rendered
  const { status, body, headers } = rendered
  const hasContent = method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
  if (hasContent || typeof body === 'string' || body === null || body instanceof Uint8Array) return rendered
  body.cancel().catch(() => undefined)
  return rendered instanceof HttpResponse
    ? new HttpResponse(status, headers, null)
    : new Response(null, { status, headers: headers as unknown as Headers })
}
