import { decodeBase64Url } from '../../lib/base64url.ts'

// The curve P-256: y² = x³ - 3x + b modulo p (SP 800-186 section 3.2.1.3).
const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/**
 * Tells whether two coordinates, in base64url, are a point of the curve. Looked at here and not left to the engine, so that a
 * key set is found faulty when it is read and not while a request waits.
 */
export function isOnP256(x: string, y: string): boolean {
  const X = toNumber(x)
  const Y = toNumber(y)
  return X < p && Y < p && (Y * Y - (X * X * X - 3n * X + b)) % p === 0n
}

function toNumber(coordinate: string): bigint {
  let number = 0n
  for (const byte of decodeBase64Url(coordinate) ?? []) number = number * 256n + BigInt(byte)
  return number
}
