/**
 * Fastify 5: `app.post('/classes', view(step, step, view))`, `app.setErrorHandler(errorHandler())`.
 *
 * @module twopi/fastify
 */

export { contentTypeParser } from './content-type-parser.ts'
export type { FastifyContext } from './context.ts'
export { errorHandler } from './error-handler.ts'
export { type FastifyMiddleware, middleware } from './middleware.ts'
export { view } from './view.ts'
