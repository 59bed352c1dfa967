import { type BufferLike, decodeUtf8, encodeUtf8, NativeBuffer } from './bytes.ts'

// base64url without padding (RFC 4648 section 5, as RFC 7515 section 2 narrows it). Only the canonical text of some bytes is
// ever read: no padding, no blanks, no `+` or `/`, and zero in the bits the last character does not use. Otherwise
// several texts would stand for one signature.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const values: Int8Array = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/** The base64url text of bytes, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  if (NativeBuffer !== undefined) {
    return NativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
  }
  return encodeByTable(bytes)
}

/** The base64url text of a text's UTF-8 bytes, without padding. */
export function encodeBase64UrlText(text: string): string {
  return NativeBuffer === undefined
    ? encodeByTable(encodeUtf8(text))
    : NativeBuffer.from(text, 'utf8').toString('base64url')
}

/** The bytes of a base64url text, or null when it is not the one canonical text of them. */
export function decodeBase64Url(text: string): Uint8Array | null {
  return NativeBuffer === undefined ? decodeByTable(text) : decodeNatively(text)
}

/**
 * The text behind a base64url text, or null when either layer is not canonical: stray characters, spare bits, bytes that
 * are not UTF-8. A byte order mark stays in the text.
 */
export function decodeBase64UrlText(text: string): string | null {
  const bytes = decodeBase64Url(text)
  return bytes === null ? null : textOfDecoded(bytes)
}

/** The text of bytes that `decodeBase64Url` gave, or null when they are not UTF-8. A byte order mark stays in the text. */
export function textOfDecoded(bytes: Uint8Array): string | null {
  if (NativeBuffer === undefined) return decodeUtf8(bytes)
  // A Buffer, since `decodeBase64Url` makes one where there are any.
  const decoded = (bytes as BufferLike).toString('utf8')
  // The replacement character is either really there or stands for bytes that are no UTF-8: only then ask the strict decoder.
  return decoded.includes('\uFFFD') ? decodeUtf8(bytes) : decoded
}

function decodeNatively(text: string): BufferLike | null {
  // Buffer forgives much; encoding again and comparing forgives nothing.
  const bytes = (NativeBuffer as NonNullable<typeof NativeBuffer>).from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

/** For runtimes without `Buffer`. Exported for its tests. */
export function encodeByTable(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0
    const b = bytes[i + 1] ?? 0
    const c = bytes[i + 2] ?? 0
    const left = bytes.length - i
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4))
    if (left > 1) text += alphabet.charAt(((b & 15) << 2) | (c >> 6))
    if (left > 2) text += alphabet.charAt(c & 63)
  }
  return text
}

/** For runtimes without `Buffer`. Exported for its tests. */
export function decodeByTable(text: string): Uint8Array | null {
  const spare = text.length % 4
  if (spare === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1
    if (value < 0) return null
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null
}
