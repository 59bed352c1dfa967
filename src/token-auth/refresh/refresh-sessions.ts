import type { HeaderValues } from '../../http/reply.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { RefreshTokenError, type RefreshTokenErrorCode } from '../errors/refresh-token-error.ts'
import type { RefreshToken, RevokeReason } from './refresh-token.ts'
import type { RefreshTokenStore } from './refresh-token-store.ts'
import { newSessionId, type RefreshTokenClaim, type RefreshTokenText } from './refresh-token-text.ts'
import type { TokenAuthEvent } from './token-auth-event.ts'

// The life of a session. A refresh token says `id` and `counter`; what happens to it is decided by the stored session:
//
//   not made with our keys           refused, and the store is not even asked: nobody ends a session by guessing
//   session unknown                  refused
//   session revoked                  refused. This comes first: a revocation wins over everything below
//   session expired, idle or old     refused
//   counter = the session's          renewed; with rotation the session's counter goes up by one
//   counter = the session's - 1      within the grace: renewed, and answered the token that is current now. Nothing is
//                                    changed, so the grace is not extended, and there is never more than one line of tokens
//   counter below that               reuse: the session is revoked
//   counter above                    refused: the store went back in time, for instance to a backup
//
// Only `rotate` and `touch` of the store decide who wins a race. Who loses one reads again and decides again; a loser whose
// token was current when it came is answered like one within the grace, because it was not late but slow.

/** How sessions live. Times in milliseconds. */
export interface RefreshPolicy {
  readonly rotation: boolean
  readonly grace: number
  readonly idle: number
  readonly absolute: number
  readonly clock: () => number
  /** Sent with every refusal. */
  readonly headers: HeaderValues
}

/** What a session is started with. */
export interface SessionStart {
  readonly userId: string
  readonly scopes: readonly string[]
  readonly data: unknown
  readonly label: string | null
}

/** A renewal that was granted. */
export interface Renewal<Token> {
  readonly session: RefreshToken
  readonly token: Token
  /** The refresh token that is current now. */
  readonly refreshToken: string
}

type Emit = (event: TokenAuthEvent) => void
type Decision = 'current' | 'grace'

/** More lost races than one mean that the store does not keep its contract. */
const MOST_ATTEMPTS = 3

/** Starts, renews and ends sessions on any store. */
export class RefreshSessions {
  readonly #store: RefreshTokenStore
  readonly #text: RefreshTokenText
  readonly #policy: RefreshPolicy

  constructor(store: RefreshTokenStore, text: RefreshTokenText, policy: RefreshPolicy) {
    this.#store = store
    this.#text = text
    this.#policy = policy
  }

  /** Makes a session that is not stored yet. */
  prepare(start: SessionStart): RefreshToken {
    const now = this.#policy.clock()
    const expiresAt = now + this.#policy.absolute
    return {
      id: newSessionId(),
      ...start,
      scopes: [...start.scopes],
      counter: 0,
      createdAt: now,
      lastUsedAt: now,
      rotatedAt: null,
      idleExpiresAt: Math.min(now + this.#policy.idle, expiresAt),
      expiresAt,
      revokedAt: null,
      revokeReason: null,
    }
  }

  /** Stores a prepared session and gives its first refresh token. */
  async store(session: RefreshToken): Promise<string> {
    const refreshToken = await this.#text.format(session, session.createdAt)
    await this.#store.create(session)
    return refreshToken
  }

  /**
   * Renews by a refresh token. `makeToken` runs before anything is changed, so that a fault in it costs nobody a session.
   *
   * @param makeToken - gives null when the user may not come in any more; the session is revoked then
   * @throws RefreshTokenError
   */
  async renew<Token>(
    refreshToken: unknown,
    makeToken: (session: RefreshToken) => MaybePromise<Token | null>,
    emit: Emit,
  ): Promise<Renewal<Token>> {
    const claim = await this.identify(refreshToken)
    let made: Token | null = null
    let wasCurrent = false
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const session = await this.#store.find(claim.id)
      if (session === null) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
      const decision = await this.#decide(session, claim, wasCurrent, emit)
      made ??= await makeToken(session)
      if (made === null) {
        await this.#end(session, 'refused', emit)
        throw this.#refusal('ERR_REFRESH_TOKEN_REVOKED')
      }
      const counter = decision === 'grace' ? session.counter : await this.#advance(session)
      if (counter !== null) {
        emit({ type: 'renew', sessionId: session.id, userId: session.userId, rotated: counter !== session.counter })
        const current = await this.#text.format({ id: claim.id, counter }, this.#policy.clock())
        return { session, token: made, refreshToken: current }
      }
      wasCurrent = true
    }
    throw new Error('The refresh-token store refuses a change that its own data allows.')
  }

  /**
   * What a genuine refresh token says; nothing is looked up.
   *
   * @throws RefreshTokenError `ERR_REFRESH_TOKEN_INVALID`
   */
  async identify(refreshToken: unknown): Promise<RefreshTokenClaim> {
    const claim = await this.#text.parse(refreshToken, this.#policy.clock())
    if (claim === null) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
    return claim
  }

  /** Ends a session; one that has ended or is not known is left as it is. */
  async end(id: string, reason: RevokeReason, emit: Emit): Promise<boolean> {
    const session = await this.#store.find(id)
    return session !== null && this.#end(session, reason, emit)
  }

  async #end(session: RefreshToken, reason: RevokeReason, emit: Emit): Promise<boolean> {
    const ended = await this.#store.revoke(session.id, { now: this.#policy.clock(), reason })
    if (ended) emit(endEvent(session, reason))
    return ended
  }

  async #decide(
    session: RefreshToken,
    { counter }: RefreshTokenClaim,
    wasCurrent: boolean,
    emit: Emit,
  ): Promise<Decision> {
    const now = this.#policy.clock()
    if (session.revokedAt !== null) throw this.#refusal('ERR_REFRESH_TOKEN_REVOKED')
    if (session.expiresAt <= now || session.idleExpiresAt <= now) {
      throw this.#refusal('ERR_REFRESH_TOKEN_EXPIRED')
    }
    if (counter === session.counter) return 'current'
    if (counter > session.counter) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
    const age = now - (session.rotatedAt ?? session.createdAt)
    if (wasCurrent || (counter === session.counter - 1 && age <= this.#policy.grace)) return 'grace'
    await this.#end(session, 'reuse', emit)
    throw this.#refusal('ERR_REFRESH_TOKEN_REUSED')
  }

  /** The counter after a renewal; null when something else changed the session first. */
  async #advance({ id, counter, expiresAt }: RefreshToken): Promise<number | null> {
    const now = this.#policy.clock()
    const use = { now, idleExpiresAt: Math.min(now + this.#policy.idle, expiresAt) }
    if (!this.#policy.rotation) return (await this.#store.touch(id, counter, use)) ? counter : null
    return (await this.#store.rotate(id, counter, use)) ? counter + 1 : null
  }

  #refusal(code: RefreshTokenErrorCode): RefreshTokenError {
    return new RefreshTokenError(code, { headers: this.#policy.headers })
  }
}

function endEvent({ id: sessionId, userId }: RefreshToken, reason: RevokeReason): TokenAuthEvent {
  if (reason === 'logout') return { type: 'logout', sessionId, userId }
  if (reason === 'reuse') return { type: 'refresh_reuse', sessionId, userId }
  return { type: 'revoke', sessionId, userId, reason }
}
