import type { FastifyReply, FastifyRequest } from 'fastify'
import { Handled } from '../../http/handled.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { NodeRequest } from '../node/node-request.ts'

/** What a view on Fastify has beside the neutral request: `native`, for when Fastify's own power is wanted. */
export interface FastifyContext extends RequestContext {
  readonly native: { readonly request: FastifyRequest; readonly reply: FastifyReply }
}

export function createContext(request: FastifyRequest, reply: FastifyReply): FastifyContext {
  const { raw, originalUrl, params, body } = request
  return {
    request: new NodeRequest({ message: raw, response: reply.raw, url: originalUrl, params, body }),
    native: { request, reply },
  }
}

/**
 * A view that returns Fastify's `reply` answers by itself; so has one that returns nothing after `reply.send(…)`.
 * An `async` view that returns `reply` gives nothing, because `reply` is a promise of its own end.
 */
export function nativeOutcome(value: unknown, { native }: FastifyContext): Outcome | undefined {
  return value === native.reply || (value === undefined && native.reply.sent)
    ? new Handled(value, native.reply.statusCode)
    : undefined
}
