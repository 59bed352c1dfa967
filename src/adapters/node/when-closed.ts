import type { ServerResponse } from 'node:http'
import { Handled } from '../../http/handled.ts'

/** Resolves when the response has been sent, or its client has gone. */
export function whenClosed(response: ServerResponse): Promise<Handled> {
  return new Promise((resolve) => {
    const done = () => resolve(new Handled(response, response.statusCode))
    if (response.closed) done()
    else response.once('close', done)
  })
}
