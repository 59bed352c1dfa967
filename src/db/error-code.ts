/** The `code` of a caught value, or `''`. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

const SOCKET = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ENETDOWN', 'ENETUNREACH', 'EHOSTUNREACH'])

/** Tells whether a connection was cut, as Node says it. */
export function isSocketError(error: unknown): boolean {
  return SOCKET.has(errorCode(error))
}

/** Tells whether the other side hung up, after it had been reached. */
export function isHungUp(error: unknown): boolean {
  const code = errorCode(error)
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'PROTOCOL_CONNECTION_LOST' ||
    /^Connection terminated unexpectedly/.test(String((error as Error | undefined)?.message))
  )
}

/** PostgreSQL's `admin_shutdown`, `crash_shutdown` and `cannot_connect_now`, and what MySQL says then. */
const SHUTDOWN = new Set(['57P01', '57P02', '57P03', 'ER_SERVER_SHUTDOWN', 'ER_NORMAL_SHUTDOWN'])

/** Tells whether the server is going away, and with it every other connection. */
export function isShutdown(error: unknown): boolean {
  return SHUTDOWN.has(errorCode(error))
}
