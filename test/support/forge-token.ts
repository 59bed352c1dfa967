import { createHmac } from 'node:crypto'

/** The moment at which the clocks of token tests stand. */
export const NOW: number = Date.UTC(2026, 7, 20, 12)

/** The same in seconds, as claims have it. */
export const NOW_SECONDS: number = NOW / 1000

/** A good secret, of exactly 32 bytes. */
export const SECRET = 'correct-horse-battery-staple-32b'

export const GOOD_HEADER: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'at+jwt' }

export const GOOD_PAYLOAD: Readonly<Record<string, unknown>> = {
  rfid: 'session-1',
  user_id: '42',
  scopes: ['a', 'b'],
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 900,
}

export function base64url(value: string | Uint8Array): string {
  return Buffer.from(value).toString('base64url')
}

/** A JSON text as it is, bytes as they are, and anything else as JSON. */
function segment(part: unknown): string {
  return base64url(typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part))
}

/** Signs anything with HS256, by node:crypto alone: none of the code under test takes part. */
export function forge({
  header = GOOD_HEADER,
  payload = GOOD_PAYLOAD,
  secret = SECRET,
}: {
  readonly header?: unknown
  readonly payload?: unknown
  readonly secret?: string | Uint8Array
} = {}): string {
  return sign(`${segment(header)}.${segment(payload)}`, secret)
}

/** Puts a good signature under an input that is already text. */
export function sign(input: string, secret: string | Uint8Array = SECRET): string {
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}
