import type { FastifyReply } from 'fastify'
import { Handled } from '../../http/handled.ts'
import type { HttpResponse } from '../../http/http-response.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'

/** Sends an outcome through Fastify, so that its `onSend` hooks see it. */
export function answer(reply: FastifyReply, outcome: Outcome): FastifyReply {
  const rendered = render(outcome, reply.request.method)
  return rendered instanceof Handled ? reply : sendResponse(reply, rendered)
}

export function sendResponse(reply: FastifyReply, response: HttpResponse | Response): FastifyReply {
  if (response instanceof Response) {
    // Fastify cannot send one that has no body.
    return response.body === null ? reply.code(response.status).headers(entries(response)).send() : reply.send(response)
  }
  reply.code(response.status)
  for (const name in response.headers) reply.header(name, response.headers[name])
  // As bytes, because Fastify appends a charset to the content type of texts.
  const { body } = response
  return reply.send(typeof body === 'string' ? Buffer.from(body) : (body ?? undefined))
}

function entries({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie()
  return { ...Object.fromEntries(headers), ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) }
}
