import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'

/**
 * Leaves bodies to twopi, which reads them when a view asks. Without it Fastify parses JSON before the view and answers
 * 415 to everything else; views work with that too, for JSON.
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { contentTypeParser, view } from 'twopi/fastify'
 *
 * const app = Fastify()
 * app.removeAllContentTypeParsers()
 * app.addContentTypeParser('*', contentTypeParser)
 * app.post('/login', view(async ({ request }) => ({ user: (await request.form()).get('username') })))
 * ```
 */
export function contentTypeParser(
  _request: FastifyRequest,
  _payload: IncomingMessage,
  done: (error: null) => void,
): void {
  done(null)
}
