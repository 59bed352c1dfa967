import { brand } from '../../lib/brand.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { type KeyEntry, readKeyEntry } from './key-entry.ts'
import { TokenKey } from './token-key.ts'

/** Options of {@link Keys.from}. */
export interface KeysOptions {
  /**
   * Accept HS256 secrets of fewer than 32 bytes. **Warning:** such a secret can be found by trying, from one token, without
   * asking the server. Only to read the tokens of a service whose secret cannot be changed yet. Default: false.
   */
  readonly acceptShortSecrets?: boolean | undefined
}

/**
 * Keys that must be waited for, such as those of `loadJwks(url)`. They only verify. With them a token class is asynchronous:
 * use `loadAsync` and `verifyAsync`.
 */
export interface AsyncKeys {
  /**
   * The key of that name, or undefined. May throw a `TokenError` `ERR_TOKEN_KEYS_UNAVAILABLE`.
   *
   * @param kid - the name in the token's header: 1 to 64 letters, digits and `.`, `_`, `~`, `-`
   * @param now - milliseconds since 1970
   * @param alg - the algorithm in the token's header, which is anything: only to choose between keys of one name
   */
  find(kid: string | undefined, now: number, alg?: unknown): Promise<TokenKey | undefined>
}

/**
 * The keys tokens are signed and verified with. The first key signs; every key verifies, each with its own one algorithm.
 *
 * To rotate, put the new key first, keep the old one with `notAfter` at least one token life in the future, and remove it
 * after that moment.
 *
 * @example
 * ```ts
 * import { Keys } from 'twopi/token-auth'
 *
 * export function readKeys(current: string, previous: string): Keys {
 *   return Keys.from([
 *     { kid: '2026-08', secret: current },
 *     { kid: '2026-07', secret: previous, notAfter: new Date('2026-08-02T00:00:00Z') },
 *   ])
 * }
 * ```
 */
export class Keys {
  readonly #list: readonly TokenKey[]
  readonly #byKid: ReadonlyMap<string, TokenKey>
  readonly #withoutKid: TokenKey | undefined
  // Sets of others may give one name to keys of several algorithms.
  readonly #namesakes: readonly TokenKey[]

  static {
    brand(this, 'Keys')
  }

  private constructor(list: readonly TokenKey[]) {
    this.#list = list
    const first = list.filter((key) => list.find(({ kid }) => kid === key.kid) === key)
    this.#byKid = new Map(first.flatMap((key) => (key.kid === undefined ? [] : [[key.kid, key]])))
    this.#namesakes = list.filter((key) => !first.includes(key))
    this.#withoutKid = list.length === 1 ? list[0] : list.find((key) => key.kid === undefined)
  }

  /**
   * Makes a set of keys. See {@link KeyEntry} for what a key may be.
   *
   * @param entries - one or more keys; of several at most one may have no `kid`
   * @throws TypeError that lists every problem of every entry; it never prints a key
   */
  static from(entries: readonly KeyEntry[], options: KeysOptions = {}): Keys {
    const problems: string[] = []
    const list: TokenKey[] = []
    const names = new Set<string | undefined>()
    if (!Array.isArray(entries)) {
      throw new TypeError(
        'Keys.from: expected a list of entries, such as `[{ secret }]` or `[{ kid, privateKey }]`; one secret alone is passed as `keys: secret`',
      )
    }
    entries.forEach((entry: unknown, index) => {
      const key = readKeyEntry(entry, options.acceptShortSecrets === true)
      if (!(key instanceof TokenKey)) {
        problems.push(...key.map((problem) => `entry ${index}: ${problem}`))
        return
      }
      if (names.has(key.kid)) {
        problems.push(
          key.kid === undefined
            ? `entry ${index}: of several keys only one may have no \`kid\``
            : `entry ${index}: the \`kid\` '${key.kid}' is used twice`,
        )
      }
      names.add(key.kid)
      list.push(key)
    })
    if (entries.length === 0) problems.push('expected at least one key')
    assertNoProblems('Keys.from', problems)
    return new Keys(list)
  }

  /** Makes a set of keys that were read already. @internal */
  static of(list: readonly TokenKey[]): Keys {
    return new Keys(list)
  }

  /** How many keys there are. */
  get size(): number {
    return this.#list.length
  }

  /** The keys, first to last. */
  [Symbol.iterator](): IterableIterator<TokenKey> {
    return this.#list.values()
  }

  /**
   * The key that verifies a token.
   *
   * @param kid - the name in the token's header; without one it is the only key, or the one key that has no `kid` either
   * @param now - milliseconds since 1970
   * @param alg - the algorithm in the token's header: it only chooses between keys of one name
   */
  find(kid: string | undefined, now: number, alg?: unknown): TokenKey | undefined {
    let key = kid === undefined ? this.#withoutKid : this.#byKid.get(kid)
    if (this.#namesakes.length > 0 && key !== undefined && key.alg !== alg) {
      key = this.#namesakes.find((other) => other.kid === kid && other.alg === alg) ?? key
    }
    // A present that is no number ends every key that has an end.
    return key?.notAfter !== undefined && !(now < key.notAfter) ? undefined : key
  }

  /**
   * The key that signs: the first with a private part or secret whose `notAfter` is not before the token's end, so that no
   * token dies before its time.
   *
   * @param expiry - the token's end, in milliseconds since 1970
   * @throws TypeError when no key may sign
   */
  signer(expiry: number): TokenKey {
    for (const key of this.#list) {
      if (key.canSign && (key.notAfter === undefined || expiry <= key.notAfter)) return key
    }
    throw new TypeError(
      this.#list.some((key) => key.canSign)
        ? 'No key may sign this token: `notAfter` of every key is before the end of the token. Put a new key first in `Keys.from`.'
        : 'No key can sign: all are public. Give `Keys.from` a `secret` or a `privateKey`.',
    )
  }
}
