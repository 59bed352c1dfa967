import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { RefreshToken, RevokeReason, StoredRefreshToken } from './refresh-token.ts'

/** A renewal: its time, and how long the session lives from it if it is not used again. */
export interface RefreshTokenUse {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds since 1970. */
  readonly idleExpiresAt: number
}

/** When and why sessions are ended. */
export interface RefreshTokenRevocation {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly reason: RevokeReason
}

/**
 * Keeps the sessions of users. `MemoryRefreshTokenStore` is the smallest example of one. Each method may be synchronous or
 * asynchronous; a method that throws lets the request fail with 500 and ends no session. What every store must hold to:
 *
 * - **Alive.** A session is alive at `now` while `revokedAt` is null and both `idleExpiresAt` and `expiresAt` are after `now`.
 * - **Atomic.** `rotate`, `touch` and `revoke` are each one step: the condition and the change belong together, with nothing
 *   of another call between them. Reading first and writing later is not enough: two renewals would both win, or a renewal
 *   would win over the logout that came between. In Redis that is one script; in SQL each is one statement:
 *
 *   ```sql
 *   UPDATE refresh_tokens SET counter = counter + 1, rotated_at = :now, last_used_at = :now, idle_expires_at = :idle
 *    WHERE id = :id AND counter = :counter
 *      AND revoked_at IS NULL AND idle_expires_at > :now AND expires_at > :now
 *   ```
 *
 * - **Whether it did** means: whether a row matched. MySQL counts changed rows unless it is told otherwise (`mysql2`:
 *   the flag `FOUND_ROWS`, its default); a `touch` that writes what is there already must answer true all the same.
 * - **Read from the primary.** `find` sees every change that was answered before it was called, by whatever process. From a
 *   replica that lags, a new session is not known, and a logout has not happened.
 * - **Who changes what.** `create` writes everything. `rotate` changes `counter`, `rotatedAt`, `lastUsedAt`, `idleExpiresAt`;
 *   `touch` the last two; `revoke` and `revokeAll` write `revokedAt` and `revokeReason`, once, and nobody clears them. `id`,
 *   `salt`, `userId`, `scopes`, `data`, `label`, `createdAt` and `expiresAt` never change.
 * - **What has to fit.** `id` and `salt`: 22 characters of ASCII, of which upper and lower case differ. `userId` and `label`:
 *   at most 512 characters (UTF-16 code units), any but NUL. `counter`: 0 to 2,147,483,647, a signed 32-bit integer. Times:
 *   64-bit integers. `scopes` and `data`: JSON; keep it as text, for `jsonb` refuses U+0000 and orders members anew.
 * - **What stays.** Keep sessions that were revoked until they expire; the token of one that is gone is refused as unknown,
 *   and no longer as revoked. Expired ones may go whenever a store is told the time, in `create` too.
 * - **Own copies.** What is read is the reader's own: changing it changes nothing in the store.
 * - **No clock.** A store is told the time, so that one clock counts.
 *
 * A store that is set back to a backup brings sessions back that were ended since: remove all its sessions then.
 */
export interface RefreshTokenStore {
  /** Stores a new session. Its id is random, 128 bits. */
  create(session: StoredRefreshToken): MaybePromise<void>
  /** The session as it is now, alive or not; null when there is none, or it has been removed. */
  find(id: string): MaybePromise<StoredRefreshToken | null>
  /**
   * Replaces the refresh token: adds one to `counter`. Does so only if the session is alive and `counter` is still the one given.
   *
   * @returns whether it did
   */
  rotate(id: string, counter: number, use: RefreshTokenUse): MaybePromise<boolean>
  /**
   * Notes that the session was used. Does so only under the conditions of {@link rotate}.
   *
   * @returns whether it did, also when nothing was different afterwards
   */
  touch(id: string, counter: number, use: RefreshTokenUse): MaybePromise<boolean>
  /**
   * Ends a session. One that was ended before keeps its time and reason.
   *
   * @returns whether this call ended it
   */
  revoke(id: string, revocation: RefreshTokenRevocation): MaybePromise<boolean>
  /**
   * Ends all sessions of a user that are alive, but for the one with the id `except`.
   *
   * @returns how many were ended
   */
  revokeAll(
    userId: string,
    revocation: RefreshTokenRevocation & { readonly except?: string | undefined },
  ): MaybePromise<number>
  /** The sessions of a user that are alive at `now`, the newest first. Of those with one `createdAt` any may come first. */
  list(userId: string, now: number): MaybePromise<readonly RefreshToken[]>
  /**
   * Removes the sessions that have expired at `now`, revoked or not.
   *
   * @returns how many were removed
   */
  deleteExpired(now: number): MaybePromise<number>
}
