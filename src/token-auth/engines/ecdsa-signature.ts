// A JWS carries an ES256 signature as r and s, 32 bytes each (RFC 7518 section 3.4); node:crypto speaks DER by default. Asking
// it for the other form by an options object makes Node 24 about twice as slow, so the two are converted here.

const SIZE = 32

/** From 64 bytes `r | s` to the DER `SEQUENCE { INTEGER r, INTEGER s }`. */
export function toDer(signature: Uint8Array): Uint8Array {
  const rStart = integerStart(signature, 0)
  const sStart = integerStart(signature, SIZE)
  const rPad = padding(signature, rStart)
  const sPad = padding(signature, sStart)
  const rLength = SIZE - rStart + rPad
  const sLength = 2 * SIZE - sStart + sPad
  const der = new Uint8Array(6 + rLength + sLength)
  der[0] = 0x30
  der[1] = 4 + rLength + sLength
  der[2] = 0x02
  der[3] = rLength
  der.set(signature.subarray(rStart, SIZE), 4 + rPad)
  der[4 + rLength] = 0x02
  der[5 + rLength] = sLength
  der.set(signature.subarray(sStart), 6 + rLength + sPad)
  return der
}

/** From DER to 64 bytes `r | s`, or null when it is not the one DER form of such a signature. */
export function fromDer(der: Uint8Array): Uint8Array | null {
  const rLength = der[3] ?? 0
  const sLength = der[5 + rLength] ?? 0
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length !== 6 + rLength + sLength) return null
  const signature = new Uint8Array(2 * SIZE)
  return readInteger(der, 2, rLength, signature, 0) && readInteger(der, 4 + rLength, sLength, signature, SIZE)
    ? signature
    : null
}

// Where the number begins once its leading zeros are dropped; at least one byte stays.
function integerStart(signature: Uint8Array, from: number): number {
  const last = from + SIZE - 1
  let at = from
  while (at < last && signature[at] === 0) at++
  return at
}

// DER integers are signed: a first byte from 0x80 needs a zero before it.
function padding(signature: Uint8Array, start: number): 0 | 1 {
  return (signature[start] ?? 0) >= 0x80 ? 1 : 0
}

function readInteger(der: Uint8Array, at: number, length: number, target: Uint8Array, offset: number): boolean {
  if (der[at] !== 0x02 || length < 1 || length > SIZE + 1) return false
  const first = der[at + 2] ?? 0
  const second = der[at + 3] ?? 0
  const padded = first === 0 && length > 1
  // Not negative, and no zero in front that is not needed.
  if (first >= 0x80 || (padded && second < 0x80)) return false
  if (!padded && length > SIZE) return false
  const start = at + 2 + (padded ? 1 : 0)
  const end = at + 2 + length
  target.set(der.subarray(start, end), offset + SIZE - (end - start))
  return true
}
