import type { ErrorRequestHandler } from 'express'
import { type ErrorOptions, errorResponse } from '../../http/error-response.ts'
import { send } from '../node/send.ts'
import { fromParser } from './parser-error.ts'

/**
 * Answers what views, steps and other handlers threw, in the `_errors` envelope. Register it last.
 *
 * @param options - `onError` is told of errors with a status from 500 (default: `console.error`)
 * @returns a handler for `app.use`
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { errorHandler } from 'twopi/express'
 *
 * const app = express()
 * app.use(errorHandler({ onError: (error, { method, path }) => console.error(method, path, error) }))
 * ```
 */
export function errorHandler(options: ErrorOptions = {}): ErrorRequestHandler {
  return (error, req, res, next) => {
    const path = req.originalUrl.split('?', 1)[0] ?? ''
    const response = errorResponse(fromParser(error), { method: req.method, path }, options)
    // Half a response cannot be taken back: Express then closes the connection.
    if (res.headersSent) next(error)
    else send(res, response, next)
  }
}
