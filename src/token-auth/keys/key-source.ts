import { assertNoProblems } from '../../lib/problems.ts'
import { readKeyEntry } from './key-entry.ts'
import { type AsyncKeys, Keys } from './keys.ts'
import { TokenKey } from './token-key.ts'

/** Where keys come from: `Keys`, one HS256 secret (a string stands for its UTF-8 bytes), or a set that must be waited for. */
export type KeySource = Keys | AsyncKeys | string | Uint8Array

/**
 * Makes keys of a source. A single secret becomes a set of one key without `kid`.
 *
 * @throws TypeError when it is no source of keys, or the secret is refused
 */
export function toKeys(source: unknown, acceptShortSecrets: boolean): Keys | AsyncKeys {
  // Bytes first: a Uint8Array has a method `find` too.
  if (typeof source === 'string' || source instanceof Uint8Array) {
    const key = readKeyEntry({ secret: source }, acceptShortSecrets)
    if (key instanceof TokenKey) return Keys.of([key])
    assertNoProblems('Token keys', key)
  }
  if (source instanceof Keys || isAsyncKeys(source)) return source
  throw new TypeError(
    `\`keys\` must be made with Keys.from or loadJwks, or be one secret as string or bytes, found ${
      source === null ? 'null' : Array.isArray(source) ? 'an array' : typeof source
    }`,
  )
}

function isAsyncKeys(source: unknown): source is AsyncKeys {
  return (
    typeof source === 'object' &&
    source !== null &&
    !Array.isArray(source) &&
    typeof (source as Partial<AsyncKeys>).find === 'function'
  )
}
