import { brand } from '../../lib/brand.ts'
import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { TokenError } from '../errors/token-error.ts'
import { parseJwks } from './jwks.ts'
import type { AsyncKeys, Keys } from './keys.ts'
import type { TokenKey } from './token-key.ts'

/** The part of a `Response` that is read. */
export interface JwksResponse {
  readonly ok: boolean
  readonly body: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<unknown> }
  } | null
}

/** Options of a remote key set. */
export interface RemoteJwksOptions {
  /** The least time between two fetches that an unknown `kid` can cause. Default: 30 seconds. */
  readonly cooldown?: Duration | undefined
  /** How long a fetched set may be used. Default: 10 minutes. */
  readonly maxAge?: Duration | undefined
  /** How long one fetch may take, with its body. Default: 5 seconds. */
  readonly timeout?: Duration | undefined
  /** The most bytes a set may have. Default: 65536. */
  readonly maxBytes?: number | undefined
  /**
   * Fetch over plain `http:`. **Warning:** whoever can change the answer on its way can then sign tokens. For tests and for
   * an address on the same machine. Default: false.
   */
  readonly allowInsecureHttp?: boolean | undefined
  /** Another `fetch`, for a proxy or a test. Default: the global one. */
  readonly fetch?:
    | ((
        url: string,
        init: { redirect: 'error'; signal: AbortSignal; headers: { accept: string } },
      ) => Promise<JwksResponse>)
    | undefined
  /** The present in milliseconds since 1970, for tests. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
}

// After a fetch that failed, the next one waits this long, so that a server that is down is not flooded too.
const RETRY_DELAY = 1000

/**
 * A key set behind a URL, fetched when first needed. Made by `loadJwks(url)`. States: nothing fetched; fresh (younger than
 * `maxAge`: keys are found without a fetch, and an unknown `kid` fetches again at most once per `cooldown`); old (fetched
 * again before any key is given out). One fetch at a time serves all that wait for it.
 */
export class RemoteKeys implements AsyncKeys {
  readonly #url: string
  readonly #cooldown: number
  readonly #maxAge: number
  readonly #timeout: number
  readonly #maxBytes: number
  readonly #fetch: NonNullable<RemoteJwksOptions['fetch']>
  readonly #clock: () => number
  #keys: Keys | undefined
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #loading: Promise<Keys> | undefined

  static {
    brand(this, 'RemoteKeys')
  }

  constructor(url: string | URL, options: RemoteJwksOptions = {}) {
    const problems: string[] = []
    const duration = (name: 'cooldown' | 'maxAge' | 'timeout', fallback: Duration): number => {
      try {
        return toMilliseconds(options[name] ?? fallback, name)
      } catch (error) {
        problems.push((error as Error).message)
        return 0
      }
    }
    const { maxBytes = 65_536, allowInsecureHttp = false } = options
    this.#url = readUrl(url, allowInsecureHttp, problems)
    this.#cooldown = duration('cooldown', '30 seconds')
    this.#maxAge = duration('maxAge', '10 minutes')
    this.#timeout = duration('timeout', '5 seconds')
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) problems.push('`maxBytes` must be a positive integer')
    this.#maxBytes = maxBytes
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init) as Promise<JwksResponse>)
    this.#clock = options.clock ?? Date.now
    assertNoProblems('loadJwks', problems)
  }

  /**
   * The key that verifies a token, fetched if need be.
   *
   * @throws TokenError `ERR_TOKEN_KEYS_UNAVAILABLE` when there is no set young enough and none can be fetched
   */
  async find(kid: string | undefined, _now?: number, alg?: unknown): Promise<TokenKey | undefined> {
    const now = this.#clock()
    if (this.#keys === undefined || !(now - this.#loadedAt < this.#maxAge)) {
      if (this.#loading === undefined && now - this.#triedAt < RETRY_DELAY) {
        throw new TokenError('ERR_TOKEN_KEYS_UNAVAILABLE')
      }
      return (await this.#load()).find(kid, now, alg)
    }
    const key = this.#keys.find(kid, now, alg)
    if (key !== undefined || (this.#loading === undefined && now - this.#triedAt < this.#cooldown)) return key
    try {
      return (await this.#load()).find(kid, now, alg)
    } catch {
      // The set at hand is still good, and it does not know the key.
      return undefined
    }
  }

  #load(): Promise<Keys> {
    this.#loading ??= this.#fetchKeys().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #fetchKeys(): Promise<Keys> {
    this.#triedAt = this.#clock()
    try {
      const signal = AbortSignal.timeout(this.#timeout)
      // A `fetch` of the user's own need not heed the signal.
      const text = await Promise.race([this.#fetchText(signal), aborted(signal)])
      const keys = parseJwks(JSON.parse(text))
      // Keys at hand are not given up for none.
      if (keys.size === 0) throw new TypeError('the key set has no key for ES256, EdDSA or RS256')
      this.#keys = keys
      this.#loadedAt = this.#triedAt
      return keys
    } catch (cause) {
      throw new TokenError('ERR_TOKEN_KEYS_UNAVAILABLE', { cause })
    }
  }

  async #fetchText(signal: AbortSignal): Promise<string> {
    const response = await this.#fetch(this.#url, {
      // A redirect could lead off to plain http or to another host.
      redirect: 'error',
      signal,
      headers: { accept: 'application/jwk-set+json, application/json' },
    })
    if (!response.ok) throw new TypeError('the answer is not a success')
    return readText(response, this.#maxBytes, signal)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function readUrl(url: string | URL, allowInsecureHttp: boolean, problems: string[]): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    problems.push('expected a key set or the URL of one')
    return ''
  }
  if (parsed.protocol !== 'https:' && !(allowInsecureHttp && parsed.protocol === 'http:')) {
    problems.push(
      `the URL must begin with https:, found ${parsed.protocol} (\`allowInsecureHttp\` permits http:, for tests only)`,
    )
  }
  // They would be in the message of every failed fetch.
  if (parsed.username !== '' || parsed.password !== '') {
    problems.push('the URL must not hold a user name or a password; send them in a header, by a `fetch` of your own')
  }
  return parsed.href
}

async function readText(response: JwksResponse, maxBytes: number, signal: AbortSignal): Promise<string> {
  if (response.body === null) throw new TypeError('the answer has no body')
  const reader = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done || value === undefined) return text + decoder.decode()
    size += value.length
    if (size > maxBytes || signal.aborted) {
      // Not waited for: what does not end may not end its cancelling either.
      reader.cancel().catch(() => undefined)
      signal.throwIfAborted()
      throw new RangeError(`the key set is larger than ${maxBytes} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
