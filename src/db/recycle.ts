/** When a pool stops using a connection. Times in milliseconds; undefined for never. */
export interface RecyclePolicy {
  readonly maxAgeMs: number | undefined
  readonly maxIdleMs: number | undefined
}

/** What a connection is judged by. */
export interface ConnectionTimes {
  readonly openedAt: number
  readonly usedAt: number
  /** Shortens both limits for this connection alone, so that those opened together do not all end together. */
  readonly jitter: number
}

/** Between 0.8 and 1. */
export function drawJitter(): number {
  return 1 - Math.random() * 0.2
}

/**
 * The policy of a pool, from the setting and from what the server says.
 *
 * @param setting - seconds, or false for off, or undefined for the default: an hour
 * @param serverIdleMs - after how long the server closes unused connections; half of it is taken, so that a connection
 *   checked just now still lives when its statement arrives
 */
export function recyclePolicy(setting: number | false | undefined, serverIdleMs: number | undefined): RecyclePolicy {
  if (setting === false) return { maxAgeMs: undefined, maxIdleMs: undefined }
  const maxAgeMs = (setting ?? 3600) * 1000
  return { maxAgeMs, maxIdleMs: Math.min(maxAgeMs, serverIdleMs === undefined ? maxAgeMs : serverIdleMs / 2) }
}

/** Tells whether a connection must not be used any more. A clock that was set back counts as too long. */
export function isWornOut(times: ConnectionTimes, { maxAgeMs, maxIdleMs }: RecyclePolicy, now: number): boolean {
  const beyond = (since: number, limit: number | undefined) =>
    limit !== undefined && (now - since >= limit * times.jitter || now < since)
  return beyond(times.openedAt, maxAgeMs) || beyond(times.usedAt, maxIdleMs)
}
