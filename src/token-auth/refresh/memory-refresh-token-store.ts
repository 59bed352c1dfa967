import type { RefreshToken } from './refresh-token.ts'
import type { RefreshTokenRevocation, RefreshTokenStore, RefreshTokenUse } from './refresh-token-store.ts'

/**
 * Keeps sessions in the memory of this process: for development, tests, and servers of one process whose users may log in
 * again after a restart.
 *
 * It needs no timer and does not grow without bound: each new session looks at two old ones and removes those that expired.
 *
 * @example
 * ```ts
 * import { MemoryRefreshTokenStore } from 'twopi/token-auth'
 *
 * export const store = new MemoryRefreshTokenStore()
 * ```
 */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #sessions: Map<string, RefreshToken> = new Map()
  readonly #idsByUser: Map<string, Set<string>> = new Map()
  #sweep: Iterator<[string, RefreshToken]> | undefined

  /** How many sessions are kept, expired ones that were not removed yet included. */
  get size(): number {
    return this.#sessions.size
  }

  create(session: RefreshToken): void {
    this.#sweepTwo(session.createdAt)
    this.#sessions.set(session.id, copy(session))
    const ids = this.#idsByUser.get(session.userId)
    if (ids === undefined) this.#idsByUser.set(session.userId, new Set([session.id]))
    else ids.add(session.id)
  }

  find(id: string): RefreshToken | null {
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

  list(userId: string, now: number): readonly RefreshToken[] {
    return this.#alive(userId, now)
      .map(copy)
      .sort((a, b) => b.createdAt - a.createdAt)
  }

  deleteExpired(now: number): number {
    const before = this.#sessions.size
    for (const session of this.#sessions.values()) this.#deleteIfExpired(session, now)
    return before - this.#sessions.size
  }

  #change(id: string, counter: number, now: number, change: Partial<RefreshToken>): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined || session.counter !== counter || !isAlive(session, now)) return false
    this.#sessions.set(id, { ...session, ...change })
    return true
  }

  #alive(userId: string, now: number): RefreshToken[] {
    const sessions: RefreshToken[] = []
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

  #deleteIfExpired(session: RefreshToken, now: number): void {
    if (!isExpired(session, now)) return
    this.#sessions.delete(session.id)
    const ids = this.#idsByUser.get(session.userId)
    ids?.delete(session.id)
    if (ids?.size === 0) this.#idsByUser.delete(session.userId)
  }
}

function isExpired(session: RefreshToken, now: number): boolean {
  return session.idleExpiresAt <= now || session.expiresAt <= now
}

function isAlive(session: RefreshToken, now: number): boolean {
  return session.revokedAt === null && !isExpired(session, now)
}

/** Through JSON, so that what other stores would change or lose is changed and lost here too. */
function copy(session: RefreshToken): RefreshToken {
  const { data } = session
  const plain = typeof data !== 'object' || data === null ? data : (JSON.parse(JSON.stringify(data)) as unknown)
  return { ...session, scopes: [...session.scopes], data: plain }
}
