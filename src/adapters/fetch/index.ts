/**
 * Any server that speaks `Request → Response`: Next.js route handlers, Bun, Deno, Workers.
 *
 * @module twopi/fetch
 */
export type { FetchContext } from './context.ts'
export { errorHandler } from './error-handler.ts'
export { type FetchMiddleware, middleware } from './middleware.ts'
export { type FetchHandler, view } from './view.ts'
