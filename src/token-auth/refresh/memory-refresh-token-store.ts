import type { StoredRefreshToken } from './refresh-token.ts'
import type { RefreshTokenRevocation, RefreshTokenStore, RefreshTokenUse } from './refresh-token-store.ts'

/** How many ended sessions of one user are kept, so that their tokens are told from unknown ones. */
const MOST_ENDED = 20

/**
 * Keeps sessions in the memory of this process: for development, tests, and servers of one process whose users may log in
 * again after a restart.
 *
 * It needs no timer and does not grow without bound: each new session looks at two old ones and removes those that expired, and
 * of each user only the twenty sessions that were ended last are kept until they expire.
 *
 * @example
 * ```ts
 * import { MemoryRefreshTokenStore } from 'twopi/token-auth'
 *
 * export const store = new MemoryRefreshTokenStore()
 * ```
 */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #sessions: Map<string, StoredRefreshToken> = new Map()
  readonly #idsByUser: Map<string, Set<string>> = new Map()
  /** Those that were ended, by user, the longest ago first. Some may have been removed already. */
  readonly #endedByUser: Map<string, string[]> = new Map()
  #sweep: Iterator<[string, StoredRefreshToken]> | undefined

  /** How many sessions are kept, expired ones that were not removed yet included. */
  get size(): number {
    return this.#sessions.size
  }

  create(session: StoredRefreshToken): void {
    this.#sweepTwo(session.createdAt)
    this.#sessions.set(session.id, copy(session))
    const ids = this.#idsByUser.get(session.userId)
    if (ids === undefined) this.#idsByUser.set(session.userId, new Set([session.id]))
    else ids.add(session.id)
  }

  find(id: string): StoredRefreshToken | null {
    const session = this.#sessions.get(id)
    return session === undefined ? null : copy(session)
  }

  rotate(id: string, counter: number, { now, idleExpiresAt }: RefreshTokenUse): boolean {
    return this.#change(id, counter, now, { counter: counter + 1, rotatedAt: now, lastUsedAt: now, idleExpiresAt })
  }

  touch(id: string, counter: number, { now, idleExpiresAt }: RefreshTokenUse): boolean {
    return this.#change(id, counter, now, { lastUsedAt: now, idleExpiresAt })
  }

  revoke(id: string, { now, reason }: RefreshTokenRevocation): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined || session.revokedAt !== null) return false
    this.#sessions.set(id, { ...session, revokedAt: now, revokeReason: reason })
    this.#forgetEnded(session)
    return true
  }

  revokeAll(
    userId: string,
    { now, reason, except }: RefreshTokenRevocation & { readonly except?: string | undefined },
  ): number {
    const ended = this.#alive(userId, now).filter(({ id }) => id !== except)
    for (const { id } of ended) this.revoke(id, { now, reason })
    return ended.length
  }

  list(userId: string, now: number): readonly StoredRefreshToken[] {
    return this.#alive(userId, now)
      .map(copy)
      .sort((a, b) => b.createdAt - a.createdAt)
  }

  deleteExpired(now: number): number {
    const before = this.#sessions.size
    for (const session of this.#sessions.values()) this.#deleteIfExpired(session, now)
    return before - this.#sessions.size
  }

  #change(id: string, counter: number, now: number, change: Partial<StoredRefreshToken>): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined || session.counter !== counter || !isAlive(session, now)) return false
    this.#sessions.set(id, { ...session, ...change })
    return true
  }

  #alive(userId: string, now: number): StoredRefreshToken[] {
    const sessions: StoredRefreshToken[] = []
    for (const id of this.#idsByUser.get(userId) ?? []) {
      const session = this.#sessions.get(id)
      if (session !== undefined && isAlive(session, now)) sessions.push(session)
    }
    return sessions
  }

  #sweepTwo(now: number): void {
    for (let i = 0; i < 2; i++) {
      this.#sweep ??= this.#sessions.entries()
      const next = this.#sweep.next()
      // An iterator that has ended stays ended, so the next round needs a new one.
      if (next.done === true) this.#sweep = undefined
      else this.#deleteIfExpired(next.value[1], now)
    }
  }

  #forgetEnded({ id, userId }: StoredRefreshToken): void {
    const ended = this.#endedByUser.get(userId) ?? []
    this.#endedByUser.set(userId, ended)
    ended.push(id)
    const oldest = ended.length > MOST_ENDED ? this.#sessions.get(ended.shift() ?? '') : undefined
    if (oldest !== undefined) this.#delete(oldest)
  }

  #deleteIfExpired(session: StoredRefreshToken, now: number): void {
    if (isExpired(session, now)) this.#delete(session)
  }

  #delete(session: StoredRefreshToken): void {
    this.#sessions.delete(session.id)
    const ids = this.#idsByUser.get(session.userId)
    ids?.delete(session.id)
    if (ids?.size !== 0) return
    this.#idsByUser.delete(session.userId)
    this.#endedByUser.delete(session.userId)
  }
}

function isExpired(session: StoredRefreshToken, now: number): boolean {
  return session.idleExpiresAt <= now || session.expiresAt <= now
}

function isAlive(session: StoredRefreshToken, now: number): boolean {
  return session.revokedAt === null && !isExpired(session, now)
}

/** Through JSON, so that what other stores would change or lose is changed and lost here too. */
function copy(session: StoredRefreshToken): StoredRefreshToken {
  const { data } = session
  const plain = typeof data !== 'object' || data === null ? data : (JSON.parse(JSON.stringify(data)) as unknown)
  return { ...session, scopes: [...session.scopes], data: plain }
}
