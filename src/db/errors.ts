import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/** What can go wrong with a session. `docs/db.md` says what to do about each. */
export type DbErrorCode =
  | 'ERR_DB_BUSY'
  | 'ERR_DB_CLOSED'
  | 'ERR_DB_COMMIT_REFUSED'
  | 'ERR_DB_COMMIT_UNKNOWN'
  | 'ERR_DB_CONNECT'
  | 'ERR_DB_DRIVER_MISSING'
  | 'ERR_DB_NESTED'
  | 'ERR_DB_NO_SCOPE'
  | 'ERR_DB_POOL_TIMEOUT'
  | 'ERR_DB_SCOPE_ENDED'
  | 'ERR_DB_TRANSACTION_LOST'

/**
 * Thrown by sessions for what is theirs. What the database itself refuses (a duplicate key, a missing table) comes as the
 * driver's own error, unchanged.
 */
export class DbError extends TwopiError {
  override readonly code: DbErrorCode

  constructor(code: DbErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  static {
    brand(this, 'DbError')
  }
}

/** A scope that holds a connection. */
export interface ConnectionHolder {
  /** What the scope is called: `GET /classes` for a request. */
  readonly name: string
  /** For how long it has held the connection, in milliseconds. */
  readonly heldMs: number
}

/** Thrown when no connection became free in time; says who holds them. Codes: `ERR_DB_POOL_TIMEOUT`. */
export class DbPoolTimeoutError extends DbError {
  declare readonly code: 'ERR_DB_POOL_TIMEOUT'
  /** The longest first. */
  readonly holders: readonly ConnectionHolder[]
  /** How many others were waiting. */
  readonly waiting: number

  constructor(reason: string, holders: readonly ConnectionHolder[], waiting: number) {
    const longest = [...holders].sort((a, b) => b.heldMs - a.heldMs)
    super('ERR_DB_POOL_TIMEOUT', `${reason} ${describeHolders(longest)}`)
    this.holders = longest
    this.waiting = waiting
  }

  static {
    brand(this, 'DbPoolTimeoutError')
  }
}

function describeHolders(holders: readonly ConnectionHolder[]): string {
  if (holders.length === 0) return 'No scope holds one: the database does not answer.'
  const shown = holders.slice(0, 5).map(({ name, heldMs }) => `"${name}" for ${Math.round(heldMs)} ms`)
  const more = holders.length > shown.length ? `, and ${holders.length - shown.length} more` : ''
  return `Held by ${shown.join(', ')}${more}.`
}
