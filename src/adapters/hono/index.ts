/**
 * Hono 4: `app.post('/classes', view(step, step, view))`, `app.onError(errorHandler())`.
 *
 * @module twopi/hono
 */
export type { HonoContext } from './context.ts'
export { errorHandler } from './error-handler.ts'
export { type HonoMiddleware, middleware } from './middleware.ts'
export { type HonoHandler, view } from './view.ts'
