// The ways to read and to write a token. Each reader gives the claims as it likes; `claimsOf` makes them comparable.
import { createHmac, timingSafeEqual, verify } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import { importSPKI, jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { claim, Keys, ShortlivedTokenMixin } from 'twopi/token-auth'
import { z } from 'zod'
import { headerOf, keyPairs, secret, secretKey } from './tokens.mjs'

export const names = {
  RAW: 'raw',
  VERIFY: '`crypto.verify` alone',
  LOAD: 'twopi, `load()` with zod claims',
  DUMP: 'twopi, `dump()`',
  FAST_JWT: 'fast-jwt, cache off',
  JSONWEBTOKEN: 'jsonwebtoken, KeyObject',
  JOSE: 'jose, CryptoKey, one at a time',
}
const { RAW, LOAD, DUMP, FAST_JWT, JSONWEBTOKEN, JOSE } = names

const hmacKey = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [
  'sign',
  'verify',
])

/** A token class as users write one, for the keys of one algorithm. */
export const tokenClass = (alg) =>
  class ShortlivedToken extends ShortlivedTokenMixin(
    {
      refreshTokenId: claim('rfid', z.string()),
      userId: claim('user_id', z.string()),
      scopes: claim('scopes', z.array(z.string())),
    },
    { keys: Keys.from([alg === 'HS256' ? { secret } : keyPairs[alg]]), type: 'JWT' },
  ) {}

/** The limit: what nobody can leave out, on a header known beforehand. For ES256 it takes tokens whose signature is DER. */
export function rawReader(alg) {
  const header = headerOf(alg)
  const isGood = alg === 'HS256' ? isGoodHmac : rawVerifier(alg)
  // HMACs are compared as texts: cheaper than decoding one of them.
  const encoding = alg === 'HS256' ? 'latin1' : 'base64url'
  return (token) => {
    const end = token.lastIndexOf('.')
    if (!token.startsWith(header)) throw new Error('header')
    if (!isGood(token.slice(0, end), Buffer.from(token.slice(end + 1), encoding))) throw new Error('signature')
    const payload = JSON.parse(Buffer.from(token.slice(header.length, end), 'base64url').toString())
    if (payload.exp <= Date.now() / 1000) throw new Error('expired')
    return payload
  }
}

function isGoodHmac(input, signature) {
  const computed = Buffer.from(createHmac('sha256', secretKey).update(input).digest('base64url'), 'latin1')
  return signature.length === computed.length && timingSafeEqual(signature, computed)
}

/** `crypto.verify` with a bare key object, which wants ES256 signatures as DER. */
export function rawVerifier(alg) {
  const key = keyPairs[alg].publicKey
  const hash = alg === 'EdDSA' ? null : 'sha256'
  return (input, signature) => verify(hash, Buffer.from(input), key, signature)
}

/** Every way to read the tokens of one algorithm, by name. */
export async function readers(alg) {
  const pem = alg === 'HS256' ? undefined : keyPairs[alg].publicKey.export({ type: 'spki', format: 'pem' })
  const bareKey = alg === 'HS256' ? secretKey : keyPairs[alg].publicKey
  const Token = tokenClass(alg)
  const algorithms = [alg]
  const fastJwt = createVerifier({ key: pem ?? secret, algorithms, cache: false })
  const webKey = pem === undefined ? hmacKey : await importSPKI(pem, alg)
  return {
    [LOAD]: (token) => Token.load(token) ?? refuse(),
    [FAST_JWT]: fastJwt,
    // It has no EdDSA.
    ...(alg === 'EdDSA' ? {} : { [JSONWEBTOKEN]: (token) => jsonwebtoken.verify(token, bareKey, { algorithms }) }),
    [JOSE]: async (token) => (await jwtVerify(token, webKey, { algorithms })).payload,
  }
}

function refuse() {
  throw new Error('refused')
}

/** The claims of what a reader gave. */
export function claimsOf(result) {
  if (!('refreshTokenId' in result)) return result
  const { refreshTokenId, userId, scopes, expiry, issuedAt } = result
  return { rfid: refreshTokenId, user_id: userId, scopes, exp: expiry / 1000, iat: issuedAt / 1000 }
}

/** Every way to sign claims with HS256, by name. All set `iat`; the end is among the claims. */
export function writers() {
  const header = headerOf('HS256')
  const fastJwt = createSigner({ key: secret, algorithm: 'HS256' })
  const Token = tokenClass('HS256')
  const now = () => Math.floor(Date.now() / 1000)
  const attributesOf = ({ rfid, user_id, scopes, exp }) => ({
    refreshTokenId: rfid,
    userId: user_id,
    scopes,
    expiry: new Date(exp * 1000),
  })
  // Tokens that exist already, by their claims: what `dump()` alone costs.
  const made = new WeakMap()
  return {
    [RAW]: ({ rfid, user_id, scopes, exp }) => {
      const payload = JSON.stringify({ rfid, user_id, scopes, exp, iat: now() })
      const input = header + Buffer.from(payload).toString('base64url')
      return `${input}.${createHmac('sha256', secretKey).update(input).digest('base64url')}`
    },
    [DUMP]: (claims) => {
      let token = made.get(claims)
      if (token === undefined) {
        token = new Token(attributesOf(claims))
        made.set(claims, token)
      }
      return token.dump()
    },
    'twopi, new and dump()': (claims) => new Token(attributesOf(claims)).dump(),
    [FAST_JWT]: ({ rfid, user_id, scopes, exp }) => fastJwt({ rfid, user_id, scopes, exp }),
    [JSONWEBTOKEN]: ({ rfid, user_id, scopes, exp }) =>
      jsonwebtoken.sign({ rfid, user_id, scopes, exp }, secretKey, { algorithm: 'HS256' }),
    [JOSE]: ({ rfid, user_id, scopes, exp }) =>
      new SignJWT({ rfid, user_id, scopes, exp })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt()
        .sign(hmacKey),
  }
}
