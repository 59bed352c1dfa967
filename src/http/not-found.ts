import { HttpError } from './http-error.ts'

/**
 * A view that answers 404 in the envelope, for the routes that nobody has: `app.use(view(notFound))` on Express,
 * `app.setNotFoundHandler(view(notFound))` on Fastify, `app.notFound(view(notFound))` on Hono.
 *
 * @throws HttpError 404
 */
export function notFound(): never {
  throw new HttpError(404)
}
