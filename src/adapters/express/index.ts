/**
 * Express 5: `app.post('/classes', view(step, step, view))`, `app.use(errorHandler())`.
 *
 * @module twopi/express
 */
export type { ExpressContext } from './context.ts'
export { errorHandler } from './error-handler.ts'
export { type ExpressMiddleware, middleware } from './middleware.ts'
export { view } from './view.ts'
