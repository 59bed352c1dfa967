import type { IncomingMessage, ServerResponse } from 'node:http'
import { DISCARD_BYTES, DISCARD_TIME } from '../../http/discard-limits.ts'

/** How long a client has to read the answer before its connection is cut, in milliseconds. */
const LINGER = 500

/**
 * Throws away what is left of a body, or the client never gets to reading the answer. Of a client that goes on sending the
 * connection is cut, once the answer is out.
 */
export function discardRest(message: IncomingMessage, response: ServerResponse): void {
  if (message.readableEnded || message.destroyed) return
  let bytes = 0
  const count = (piece: Uint8Array) => {
    bytes += piece.length
    if (bytes > DISCARD_BYTES) stop()
  }
  const leave = () => {
    clearTimeout(timer)
    message.off('data', count)
  }
  const stop = () => {
    leave()
    // The client then has to wait as well.
    message.pause()
    if (response.closed) cutSoon(message)
    else response.once('close', () => cutSoon(message))
  }
  const timer = setTimeout(stop, DISCARD_TIME)
  timer.unref()
  message.on('data', count)
  message.once('close', leave)
  message.resume()
}

function cutSoon(message: IncomingMessage): void {
  const cut = () => {
    // All of it came after all, and the connection may have begun with the next request.
    if (message.complete) message.resume()
    else message.destroy()
  }
  setTimeout(cut, LINGER).unref()
}
