import type { FastifyReply } from 'fastify'
import type { HttpResponse } from '../../http/http-response.ts'
import { Handled } from '../../http/outcome.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'

/** Sends an outcome through Fastify, so that its `onSend` hooks see it. */
export function answer(reply: FastifyReply, outcome: Outcome): FastifyReply {
  const rendered = render(outcome)
  return rendered instanceof Handled ? reply : sendResponse(reply, rendered)
}

export function sendResponse(reply: FastifyReply, response: HttpResponse | Response): FastifyReply {
  if (response instanceof Response) return reply.send(response)
  reply.code(response.status)
  for (const name in response.headers) reply.header(name, response.headers[name])
  // As bytes, because Fastify appends a charset to the content type of texts.
  const { body } = response
  return reply.send(typeof body === 'string' ? Buffer.from(body) : (body ?? undefined))
}
