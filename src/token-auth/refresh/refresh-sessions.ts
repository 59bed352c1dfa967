import type { HeaderValues } from '../../http/reply.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { RefreshTokenError, type RefreshTokenErrorCode } from '../errors/refresh-token-error.ts'
import { jsonCopy } from './json-copy.ts'
import type { RefreshToken, RevokeReason, StoredRefreshToken } from './refresh-token.ts'
import type { RefreshTokenStore } from './refresh-token-store.ts'
import { newSessionId, type RefreshTokenClaim, type RefreshTokenText } from './refresh-token-text.ts'
import type { TokenAuthEvent } from './token-auth-event.ts'

// The life of a session. A refresh token says `id` and `counter`; what happens to it is decided by the stored session:
//
//   not made with our keys           refused, and the store is not even asked: nobody ends a session by guessing
//   session unknown                  refused
//   not made with the session's salt refused, and nothing is changed
//   session revoked                  refused. This comes first: a revocation wins over everything below
//   session expired, idle or old     refused
//   counter = the session's          renewed; with rotation the session's counter goes up by one
//   counter = the session's - 1      within the grace: renewed, and answered the token that is current now. Nothing is
//                                    changed, so the grace is not extended, and there is never more than one line of tokens
//   counter below that               reuse: the session is revoked
//   counter above                    what was read is older than the token. `rotate` or `touch` decides, by the token's counter
//
// Only `rotate` and `touch` of the store decide who wins a race. Who loses one reads again and decides again. The grace
// writes nothing, so what came in between would not show: it reads again after the token was made, and decides again. A
// token that was current, or within the grace, when it came is answered like one within the grace from then on: it was not
// late but slow.

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
  /** As it is after the renewal. */
  readonly session: StoredRefreshToken
  readonly token: Token
  /** The refresh token that is current now. */
  readonly refreshToken: string
  /** Whether that is another than the one that came. */
  readonly isReplaced: boolean
}

type Emit = (event: TokenAuthEvent) => void
type Decision = 'current' | 'grace' | 'ahead'

/** One race may be lost, and one more reading is needed for the grace. Beyond that the store does not keep its contract. */
const MOST_ATTEMPTS = 4

/** What a signed 32-bit integer of a database can hold. */
const MOST_ROTATIONS = 2_147_483_647
/** In UTF-16 code units. */
const MOST_TEXT_CHARACTERS = 512

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

  /**
   * Makes a session that is not stored yet.
   *
   * @throws TypeError for what a store could not keep as it is
   */
  prepare({ userId, scopes, data, label }: SessionStart): StoredRefreshToken {
    const now = this.#policy.clock()
    const expiresAt = now + this.#policy.absolute
    assertText('userId', userId)
    if (label !== null) assertText('label', label)
    return {
      id: newSessionId(),
      salt: newSessionId(),
      userId,
      scopes: [...scopes],
      data: jsonCopy(data, 'data'),
      label,
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
  async store(session: StoredRefreshToken): Promise<string> {
    const refreshToken = await this.#text.format(session, session.createdAt)
    await this.#store.create(session)
    return refreshToken
  }

  /**
   * Renews by a refresh token. `makeToken` runs once, before anything is changed, so that a fault in it costs nobody a session.
   *
   * @param makeToken - gives null when the user may not come in any more; the session is revoked then
   * @throws RefreshTokenError
   */
  async renew<Token>(
    refreshToken: unknown,
    makeToken: (session: StoredRefreshToken) => MaybePromise<Token | null>,
    emit: Emit,
  ): Promise<Renewal<Token>> {
    const claim = await this.#parse(refreshToken)
    let made: { readonly token: Token } | undefined
    let wasInTime = false
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const session = await this.#sessionOf(claim)
      if (session === null) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
      const decision = await this.#decide(session, claim, wasInTime, emit)
      if (decision !== 'ahead') wasInTime = true
      if (made === undefined) {
        made = await this.#make(session, makeToken, emit)
        if (decision === 'grace') continue
      }
      const renewed = decision === 'grace' ? session : await this.#advance({ ...session, counter: claim.counter })
      if (renewed !== null) {
        const isReplaced = renewed.counter !== claim.counter
        const { id: sessionId, userId } = session
        emit({ type: 'renew', sessionId, userId, rotated: decision !== 'grace' && isReplaced })
        const current = await this.#text.format(renewed, this.#policy.clock())
        return { session: renewed, token: made.token, refreshToken: current, isReplaced }
      }
    }
    throw this.#refusal('ERR_REFRESH_TOKEN_UNAVAILABLE', new Error(BROKEN_CONTRACT))
  }

  /**
   * Ends the session of a refresh token; one that has ended or is not known any more is left as it is.
   *
   * @returns its id
   * @throws RefreshTokenError `ERR_REFRESH_TOKEN_INVALID`
   */
  async endByToken(refreshToken: unknown, reason: RevokeReason, emit: Emit): Promise<string> {
    const claim = await this.#parse(refreshToken)
    const session = await this.#sessionOf(claim)
    if (session !== null) await this.#end(session, reason, emit)
    return claim.id
  }

  /** Ends a session; one that has ended or is not known is left as it is. */
  async end(id: string, reason: RevokeReason, emit: Emit): Promise<boolean> {
    const session = await this.#store.find(id)
    return session !== null && this.#end(session, reason, emit)
  }

  /** What a refresh token of our keys says; nothing is looked up. */
  async #parse(refreshToken: unknown): Promise<RefreshTokenClaim> {
    const claim = await this.#text.parse(refreshToken, this.#policy.clock())
    if (claim === null) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
    return claim
  }

  /** The session as it is now, when the token is one of it; null when it is not known. */
  async #sessionOf(claim: RefreshTokenClaim): Promise<StoredRefreshToken | null> {
    const session = await this.#store.find(claim.id)
    if (session !== null && !(await claim.belongsTo(session.salt))) throw this.#refusal('ERR_REFRESH_TOKEN_INVALID')
    return session
  }

  async #make<Token>(
    session: StoredRefreshToken,
    makeToken: (session: StoredRefreshToken) => MaybePromise<Token | null>,
    emit: Emit,
  ): Promise<{ readonly token: Token }> {
    const token = await makeToken(session)
    if (token !== null) return { token }
    await this.#end(session, 'refused', emit)
    throw this.#refusal('ERR_REFRESH_TOKEN_REVOKED')
  }

  async #end(session: RefreshToken, reason: RevokeReason, emit: Emit): Promise<boolean> {
    const ended = await this.#store.revoke(session.id, { now: this.#policy.clock(), reason })
    if (ended) emit(endEvent(session, reason))
    return ended
  }

  async #decide(
    session: StoredRefreshToken,
    { counter }: RefreshTokenClaim,
    wasInTime: boolean,
    emit: Emit,
  ): Promise<Decision> {
    const now = this.#policy.clock()
    if (session.revokedAt !== null) throw this.#refusal('ERR_REFRESH_TOKEN_REVOKED')
    if (session.expiresAt <= now || session.idleExpiresAt <= now) {
      throw this.#refusal('ERR_REFRESH_TOKEN_EXPIRED')
    }
    if (counter > session.counter) return 'ahead'
    if (counter === session.counter) {
      if (!this.#policy.rotation || counter < MOST_ROTATIONS) return 'current'
      await this.#end(session, 'refused', emit)
      throw this.#refusal('ERR_REFRESH_TOKEN_EXPIRED')
    }
    const age = now - (session.rotatedAt ?? session.createdAt)
    if (wasInTime || (counter === session.counter - 1 && age <= this.#policy.grace)) return 'grace'
    await this.#end(session, 'reuse', emit)
    throw this.#refusal('ERR_REFRESH_TOKEN_REUSED')
  }

  /** The session after a renewal; null when something else changed it first. */
  async #advance(session: StoredRefreshToken): Promise<StoredRefreshToken | null> {
    const { id, counter, expiresAt } = session
    const now = this.#policy.clock()
    const use = { now, idleExpiresAt: Math.min(now + this.#policy.idle, expiresAt) }
    const used = { ...session, lastUsedAt: now, idleExpiresAt: use.idleExpiresAt }
    if (!this.#policy.rotation) return (await this.#store.touch(id, counter, use)) ? used : null
    return (await this.#store.rotate(id, counter, use)) ? { ...used, counter: counter + 1, rotatedAt: now } : null
  }

  #refusal(code: RefreshTokenErrorCode, cause?: Error): RefreshTokenError {
    return new RefreshTokenError(code, { headers: this.#policy.headers, cause })
  }
}

const BROKEN_CONTRACT =
  'The refresh-token store refuses a change that its own data allows: `find` must see every change that was answered (read from the primary), `rotate` and `touch` must answer whether a row matched. A store that was set back to a backup must lose its sessions.'

function assertText(name: string, text: string): void {
  const fault = text.includes('\0')
    ? 'a NUL in it'
    : /\p{Surrogate}/u.test(text)
      ? 'half a surrogate pair'
      : text.length > MOST_TEXT_CHARACTERS
        ? `${text.length}`
        : undefined
  if (fault !== undefined) {
    throw new TypeError(
      `createTokenAuth: \`${name}\` of a login must be a text of at most ${MOST_TEXT_CHARACTERS} characters without NUL, found ${fault}.`,
    )
  }
}

function endEvent({ id: sessionId, userId }: RefreshToken, reason: RevokeReason): TokenAuthEvent {
  if (reason === 'logout') return { type: 'logout', sessionId, userId }
  if (reason === 'reuse') return { type: 'refresh_reuse', sessionId, userId }
  return { type: 'revoke', sessionId, userId, reason }
}
