import type { RedisScript } from './redis-script.ts'

/** How a connection is opened. */
export interface OpenOptions {
  /** Seconds until it must stand, with password and database. */
  readonly connectTimeout: number
  /** Seconds without any answer, while one is awaited, after which the connection is given up. */
  readonly commandTimeout: number
  /** Shown by `CLIENT LIST`. */
  readonly name?: string | undefined
  /** Told when a key that `exists` was asked about has changed. Absent: the server is not asked to tell. */
  readonly onChange?: (() => void) | undefined
  /** True: what is stored are bytes, of which each is a character (`latin1`) in the texts here. Default false: they are UTF-8. */
  readonly binary?: boolean | undefined
  /** Made known to the server before anything else. */
  readonly scripts?: readonly RedisScript[] | undefined
}
