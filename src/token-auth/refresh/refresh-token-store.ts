import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { RefreshToken, RevokeReason } from './refresh-token.ts'

// Where sessions are kept: the contract of all stores. What must hold:
//
// - A session is *alive* at `now` while `revokedAt` is null and both `idleExpiresAt` and `expiresAt` are after `now`.
// - `rotate`, `touch` and `revoke` are each one atomic step: the condition and the change belong together, with nothing of
//   another call between them. In SQL each is one statement, in Redis one script:
//
//     UPDATE refresh_tokens SET counter = counter + 1, rotated_at = :now, last_used_at = :now, idle_expires_at = :idle
//      WHERE id = :id AND counter = :counter
//        AND revoked_at IS NULL AND idle_expires_at > :now AND expires_at > :now
//
//   It answers whether a row was hit. Reading first and writing later is not enough: two renewals would both win, or a
//   renewal would win over the logout that came between.
// - Who changes what: `create` writes everything. `rotate` changes `counter`, `rotatedAt`, `lastUsedAt`, `idleExpiresAt`;
//   `touch` the last two; `revoke` and `revokeAll` write `revokedAt` and `revokeReason`, once, and nobody clears them.
//   `id`, `userId`, `scopes`, `data`, `label`, `createdAt` and `expiresAt` never change.
// - Sessions that were revoked stay until they expire, so that their tokens are told from forged ones. Expired ones may go
//   whenever a store is told the time, in `create` too.
// - What is read is the reader's own: changing it changes nothing in the store. `data` is a JSON value.
// - A store has no clock. It is told the time, so that one clock counts.

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
 * asynchronous; a method that throws lets the request fail with 500 and ends no session.
 *
 * The comment at the head of this file's source says what must be atomic, and which method may change which field.
 */
export interface RefreshTokenStore {
  /** Stores a new session. Its id is random, 128 bits. */
  create(session: RefreshToken): MaybePromise<void>
  /** The session, alive or not; null when there is none, or it has been removed. */
  find(id: string): MaybePromise<RefreshToken | null>
  /**
   * Replaces the refresh token: adds one to `counter`. Does so only if the session is alive and `counter` is still the one given.
   *
   * @returns whether it did
   */
  rotate(id: string, counter: number, use: RefreshTokenUse): MaybePromise<boolean>
  /**
   * Notes that the session was used. Does so only under the conditions of {@link rotate}.
   *
   * @returns whether it did
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
  /** The sessions of a user that are alive at `now`, the newest first. */
  list(userId: string, now: number): MaybePromise<readonly RefreshToken[]>
  /**
   * Removes the sessions that have expired at `now`, revoked or not.
   *
   * @returns how many were removed
   */
  deleteExpired(now: number): MaybePromise<number>
}
