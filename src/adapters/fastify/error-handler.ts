import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorOptions, errorResponse } from '../../http/error-response.ts'
import { sendResponse } from './answer.ts'
import { fromFramework } from './framework-error.ts'

/**
 * Answers what views, steps, hooks and Fastify itself threw, in the `_errors` envelope.
 *
 * @param options - `onError` is told of errors with a status from 500 (default: `console.error`)
 * @returns a handler for `app.setErrorHandler`
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { errorHandler } from 'twopi/fastify'
 *
 * const app = Fastify()
 * app.setErrorHandler(errorHandler({ onError: (error, { method, path }) => console.error(method, path, error) }))
 * ```
 */
export function errorHandler(
  options: ErrorOptions = {},
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, request, reply) => {
    const path = request.originalUrl.split('?', 1)[0] ?? ''
    return sendResponse(reply, errorResponse(fromFramework(error), { method: request.method, path }, options))
  }
}
