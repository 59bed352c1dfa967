// What all contenders of this bench read: 64 tokens that differ, and one key of each kind.
import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export const secret = randomBytes(32)
export const secretKey = createSecretKey(secret)

/** RS256 with 2048 bits, as most services have it. */
export const keyPairs = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}

const iat = Math.floor(Date.now() / 1000)

/** The claims of the tokens, one after the other. */
export const claims = Array.from({ length: 64 }, (_, i) => ({
  rfid: randomBytes(16).toString('hex'),
  user_id: String(42 + i),
  scopes: ['a', 'b'],
  exp: iat + 3600,
  iat,
}))

/** `typ: JWT`, because hono/jwt takes no other. */
export const headerOf = (alg) => `${base64url(JSON.stringify({ alg, typ: 'JWT' }))}.`

export function signed(alg, payload, dsaEncoding = 'ieee-p1363') {
  const input = headerOf(alg) + base64url(JSON.stringify(payload))
  return `${input}.${signatureOf(alg, input, dsaEncoding).toString('base64url')}`
}

function signatureOf(alg, input, dsaEncoding) {
  if (alg === 'HS256') return createHmac('sha256', secretKey).update(input).digest()
  const key = keyPairs[alg].privateKey
  return sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), { key, dsaEncoding })
}

export const expired = (alg, dsaEncoding) =>
  signed(alg, { ...claims[0], iat: iat - 7200, exp: iat - 3600 }, dsaEncoding)

/** The claims of one token under the signature of another. */
export function forged(alg, dsaEncoding) {
  const [header, payload] = signed(alg, claims[0]).split('.')
  return `${header}.${payload}.${signed(alg, claims[1], dsaEncoding).split('.')[2]}`
}

export const base64url = (text) => Buffer.from(text).toString('base64url')

/** Calls back with each item in turn, for ever. */
export function inTurn(items, use) {
  let next = 0
  return () => {
    const item = items[next]
    next = next + 1 === items.length ? 0 : next + 1
    return use(item)
  }
}
