import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign as signRaw,
} from 'node:crypto'
import { claim, type KeySource, Keys, ShortlivedTokenMixin, TokenError, type TokenErrorCode } from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { base64url, forge, GOOD_HEADER, GOOD_PAYLOAD, NOW, NOW_SECONDS, SECRET, sign } from '../support/forge-token.ts'

// The table of attacks on tokens, one row each. Every row is tried on both engines and through every way of reading a token.

const claims = {
  refreshTokenId: claim('rfid', z.string()),
  userId: claim('user_id', z.string()),
  scopes: claim(z.array(z.string())),
}

function tokenClasses(keys: KeySource) {
  const clock = () => NOW
  return {
    Sync: class Sync extends ShortlivedTokenMixin(claims, { keys, clock }) {},
    Async: class Async extends ShortlivedTokenMixin(claims, { keys, clock, engine: joseEngine }) {},
  }
}

const hmac = tokenClasses(SECRET)
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ecdsa = tokenClasses(Keys.from([{ privateKey }]))
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaClasses = tokenClasses(Keys.from([{ publicKey: rsa.publicKey }]))
const rotating = tokenClasses(
  Keys.from([
    { kid: 'new', secret: SECRET },
    { kid: 'old', secret: `old-${SECRET}` },
  ]),
)

const good = forge()
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
const without = (name: string) => Object.fromEntries(Object.entries(GOOD_PAYLOAD).filter(([key]) => key !== name))
const withClaims = (extra: Record<string, unknown>) => forge({ payload: { ...GOOD_PAYLOAD, ...extra } })
const withHeader = (extra: Record<string, unknown>) => forge({ header: { ...GOOD_HEADER, ...extra } })
const rawPayload = (exp: string) =>
  forge({ payload: `{"rfid":"s","user_id":"42","scopes":[],"iat":${NOW_SECONDS},"exp":${exp}}` })

// The last character of 32 bytes carries two unused bits, and the next character in the alphabet differs only in them.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const respelled = (text: string) => text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1]

function ecToken(signature: Uint8Array): string {
  return `${base64url('{"alg":"ES256","typ":"at+jwt"}')}.${goodPayload}.${base64url(signature)}`
}

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' })

function signedByAttacker(extra: Record<string, unknown>): string {
  const input = `${base64url(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', ...extra }))}.${goodPayload}`
  return `${input}.${base64url(signRaw('sha256', Buffer.from(input), attacker.privateKey))}`
}

interface Row {
  readonly row: number
  readonly attack: string
  readonly raw: unknown
  readonly code: TokenErrorCode
  /** With every engine but `nodeEngine` a payload in another spelling counts as not signed, before anything is verified. */
  readonly joseCode?: TokenErrorCode
  readonly on?: ReturnType<typeof tokenClasses>
}

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const rejected: readonly Row[] = [
  ...['none', 'None', 'nOnE', 'hs256', ['HS256'], null, 0].map((alg) => ({
    row: 1,
    attack: `alg ${JSON.stringify(alg)} with a good HMAC`,
    raw: withHeader({ alg }),
    code: 'ERR_TOKEN_ALGORITHM' as const,
  })),
  {
    row: 1,
    attack: 'alg none with an empty signature',
    raw: `${base64url('{"alg":"none","typ":"at+jwt"}')}.${goodPayload}.`,
    code: 'ERR_TOKEN_ALGORITHM',
  },
  { row: 1, attack: 'no alg', raw: forge({ header: { typ: 'at+jwt' } }), code: 'ERR_TOKEN_ALGORITHM' },
  { row: 1, attack: 'an empty signature', raw: `${goodHeader}.${goodPayload}.`, code: 'ERR_TOKEN_SIGNATURE' },
  {
    row: 2,
    attack: 'an HS512 header with an HS512 signature on an HS256 key',
    raw: (() => {
      const input = `${base64url('{"alg":"HS512","typ":"at+jwt"}')}.${goodPayload}`
      return `${input}.${createHmac('sha512', SECRET).update(input).digest('base64url')}`
    })(),
    code: 'ERR_TOKEN_ALGORITHM',
  },
  {
    row: 2,
    attack: 'an HS512 header over an HS256 signature',
    raw: withHeader({ alg: 'HS512' }),
    code: 'ERR_TOKEN_ALGORITHM',
  },
  {
    row: 3,
    attack: 'HS256 keyed with the PEM of the public key',
    raw: forge({ secret: publicPem.toString() }),
    code: 'ERR_TOKEN_ALGORITHM',
    on: rsaClasses,
  },
  {
    row: 3,
    attack: 'an RS256 header over an HMAC keyed with the PEM of the public key',
    raw: forge({ header: { alg: 'RS256', typ: 'at+jwt' }, secret: publicPem.toString() }),
    code: 'ERR_TOKEN_SIGNATURE',
    on: rsaClasses,
  },
  ...[
    { jwk: attacker.publicKey.export({ format: 'jwk' }) },
    { jku: 'https://attacker.example/jwks.json' },
    { x5u: 'https://attacker.example/cert.pem' },
    { x5c: ['MIIB'] },
  ].map((extra) => ({
    row: 4,
    attack: `a key of the attacker in the header as ${Object.keys(extra)}`,
    raw: signedByAttacker(extra),
    code: 'ERR_TOKEN_SIGNATURE' as const,
    on: rsaClasses,
  })),
  ...['../../dev/null', "x' UNION SELECT 'secret", '', 'k'.repeat(65), 'é', 1, ['new'], { toString: 'new' }].map(
    (kid) => ({
      row: 5,
      attack: `kid ${JSON.stringify(kid)}`,
      raw: withHeader({ kid }),
      code: 'ERR_TOKEN_UNKNOWN_KEY' as const,
      on: rotating,
    }),
  ),
  ...['__proto__', 'constructor', 'toString', 'other'].map((kid) => ({
    row: 5,
    attack: `kid ${kid}, which nobody declared`,
    raw: withHeader({ kid }),
    code: 'ERR_TOKEN_UNKNOWN_KEY' as const,
    on: rotating,
  })),
  { row: 5, attack: 'kid of one megabyte', raw: withHeader({ kid: 'k'.repeat(2 ** 20) }), code: 'ERR_TOKEN_TOO_LARGE' },
  { row: 5, attack: 'kid of four kilobytes', raw: withHeader({ kid: 'k'.repeat(4000) }), code: 'ERR_TOKEN_MALFORMED' },
  { row: 5, attack: 'no kid where every key has one', raw: good, code: 'ERR_TOKEN_UNKNOWN_KEY', on: rotating },
  {
    row: 5,
    attack: 'the kid of another key than the one that signed',
    raw: withHeader({ kid: 'old' }),
    code: 'ERR_TOKEN_SIGNATURE',
    on: rotating,
  },
  ...[['exp'], ['unknown'], [], 'exp', false, null].map((crit) => ({
    row: 6,
    attack: `crit ${JSON.stringify(crit)}`,
    raw: withHeader({ crit }),
    code: 'ERR_TOKEN_HEADER' as const,
  })),
  ...[{ b64: false }, { b64: true }, { zip: 'DEF' }, { enc: 'A128GCM' }].map((extra) => ({
    row: 7,
    attack: `the header member ${JSON.stringify(extra)}`,
    raw: withHeader(extra),
    code: 'ERR_TOKEN_HEADER' as const,
  })),
  ...[
    'refresh+jwt',
    'JWT',
    'application/refresh+jwt',
    'application/x/at+jwt',
    'text/at+jwt',
    'at+jwt ',
    '',
    null,
    ['at+jwt'],
  ].map((typ) => ({
    row: 8,
    attack: `typ ${JSON.stringify(typ)}`,
    raw: withHeader({ typ }),
    code: 'ERR_TOKEN_TYPE' as const,
  })),
  { row: 8, attack: 'no typ', raw: forge({ header: { alg: 'HS256' } }), code: 'ERR_TOKEN_TYPE' },
  {
    row: 9,
    attack: 'unused bits of the signature changed',
    raw: `${goodHeader}.${goodPayload}.${respelled(goodSignature)}`,
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 9,
    attack: 'unused bits of an ES256 signature changed',
    raw: respelled(ecToken(signRaw('sha256', Buffer.from('x'), { key: privateKey, dsaEncoding: 'ieee-p1363' }))),
    code: 'ERR_TOKEN_SIGNATURE',
    on: ecdsa,
  },
  // 'é' and 'Ł' are cut down to 'i' and 'A' by a careless change to bytes.
  ...['=', '\n', ' ', '\u0000'].map((extra) => ({
    row: 10,
    attack: `${JSON.stringify(extra)} after the signature`,
    raw: good + extra,
    code: 'ERR_TOKEN_SIGNATURE' as const,
  })),
  ...['=', '\n', ' ', '\t', '\uFEFF'].map((extra) => ({
    row: 10,
    attack: `${JSON.stringify(extra)} before the token`,
    raw: extra + good,
    code: 'ERR_TOKEN_MALFORMED' as const,
  })),
  ...['=', '==', '\n', '+', '/', '%', 'Ł', 'A'].map((extra) => ({
    row: 10,
    attack: `${JSON.stringify(extra)} after the payload, signed`,
    raw: sign(`${goodHeader}.${goodPayload}${extra}`),
    code: 'ERR_TOKEN_MALFORMED' as const,
    // `A` is spelt well; only the JSON behind it is none.
    joseCode: extra === 'A' ? ('ERR_TOKEN_MALFORMED' as const) : ('ERR_TOKEN_SIGNATURE' as const),
  })),
  // Looked at by twopi: some versions of jose throw an error of their own at letters outside ASCII.
  ...['é', '\u{1F600}', '\u0000', ' ', '\ud800', '\ufeff', '='].map((extra) => ({
    row: 10,
    attack: `${JSON.stringify(extra)} inside the payload, not signed`,
    raw: `${goodHeader}.${goodPayload.slice(0, 9)}${extra}${goodPayload.slice(9)}.${goodSignature}`,
    code: 'ERR_TOKEN_SIGNATURE' as const,
  })),
  {
    row: 10,
    attack: 'a space inside the payload, signed',
    raw: sign(`${goodHeader}.${goodPayload.slice(0, 9)} ${goodPayload.slice(9)}`),
    code: 'ERR_TOKEN_MALFORMED',
    joseCode: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 10,
    attack: 'a letter outside ASCII in the payload that ends in the same byte',
    raw: `${goodHeader}.${goodPayload.replace('e', '\u0165')}.${goodSignature}`,
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 10,
    attack: 'a letter outside ASCII in the signature that ends in the same byte',
    raw: `${goodHeader}.${goodPayload}.${String.fromCharCode(goodSignature.charCodeAt(0) + 0x100)}${goodSignature.slice(1)}`,
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 10,
    attack: 'a letter outside ASCII at the end of the signature, right after a good one',
    raw: `${good.slice(0, -1)}${String.fromCharCode(good.charCodeAt(good.length - 1) + 0x100)}`,
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 10,
    attack: '+ and / for - and _ in the signature',
    raw: (() => {
      for (let i = 0; ; i++) {
        const token = withClaims({ rfid: String(i) })
        const at = token.lastIndexOf('.')
        const changed = token.slice(0, at) + token.slice(at).replaceAll('-', '+').replaceAll('_', '/')
        if (changed !== token) return changed
      }
    })(),
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 10,
    attack: 'a header in two spellings, signed',
    raw: sign(`${base64url('{"alg":"HS256","typ":"at+jwt"}')}=.${goodPayload}`),
    code: 'ERR_TOKEN_MALFORMED',
  },
  ...['', '.', '..', '...', 'a', 'a.b', '.b.c', 'a..c', `${goodHeader}.${goodPayload}`, `${good}.`, `.${good}`].map(
    (raw) => ({
      row: 11,
      attack: `the segments of ${raw === '' ? 'nothing' : raw.replaceAll(/[\w-]{5,}/g, '…')}`,
      raw,
      code: 'ERR_TOKEN_MALFORMED' as const,
    }),
  ),
  {
    row: 11,
    attack: 'an empty payload under a known header',
    raw: `${goodHeader}..${goodSignature}`,
    code: 'ERR_TOKEN_MALFORMED',
  },
  {
    row: 11,
    attack: 'five segments, as an encrypted token has',
    raw: `${base64url('{"alg":"dir","enc":"A128GCM","zip":"DEF"}')}..aaaa.bbbb.cccc`,
    code: 'ERR_TOKEN_MALFORMED',
  },
  ...['[]', '"text"', '1', 'true', 'null', '', '{', 'not json', '{"a":1}x', "{'a':1}"].map((payload) => ({
    row: payload === 'null' || payload === '' ? 14 : 13,
    attack: `a signed payload of ${payload === '' ? 'nothing' : payload}`,
    raw: payload === '' ? sign(`${goodHeader}.`) : forge({ payload }),
    code: 'ERR_TOKEN_MALFORMED' as const,
  })),
  ...['[]', '"text"', 'null', '{', '{"alg":"HS256"'].map((header) => ({
    row: 14,
    attack: `a signed header of ${header}`,
    raw: forge({ header }),
    code: 'ERR_TOKEN_MALFORMED' as const,
  })),
  { row: 15, attack: 'no exp', raw: forge({ payload: without('exp') }), code: 'ERR_TOKEN_CLAIM' },
  { row: 15, attack: 'no iat', raw: forge({ payload: without('iat') }), code: 'ERR_TOKEN_CLAIM' },
  {
    row: 15,
    attack: 'a life of one hour and one second',
    raw: withClaims({ exp: NOW_SECONDS + 3601 }),
    code: 'ERR_TOKEN_CLAIM',
  },
  ...[String(NOW_SECONDS + 900), null, true, [NOW_SECONDS + 900], {}, -1].map((exp) => ({
    row: 16,
    attack: `exp ${JSON.stringify(exp)} of type ${typeof exp}`,
    raw: withClaims({ exp }),
    code: 'ERR_TOKEN_CLAIM' as const,
  })),
  ...['1e400', '1e300', String(NOW), '-1e400'].map((exp) => ({
    row: 17,
    attack: `exp ${exp}`,
    raw: rawPayload(exp),
    code: 'ERR_TOKEN_CLAIM' as const,
  })),
  { row: 18, attack: 'exp -1e300', raw: rawPayload('-1e300'), code: 'ERR_TOKEN_CLAIM' },
  { row: 18, attack: 'nbf 1e300', raw: withClaims({ nbf: 1e300 }), code: 'ERR_TOKEN_CLAIM' },
  ...['1', null, true, -1].map((nbf) => ({
    row: 18,
    attack: `nbf ${JSON.stringify(nbf)} of type ${typeof nbf}`,
    raw: withClaims({ nbf }),
    code: 'ERR_TOKEN_CLAIM' as const,
  })),
  {
    row: 18,
    attack: 'nbf beyond the tolerance',
    raw: withClaims({ nbf: NOW_SECONDS + 6 }),
    code: 'ERR_TOKEN_NOT_YET_VALID',
  },
  {
    row: 19,
    attack: 'iat beyond the tolerance',
    raw: withClaims({ iat: NOW_SECONDS + 6 }),
    code: 'ERR_TOKEN_NOT_YET_VALID',
  },
  ...[String(NOW_SECONDS), null, false, -1].map((iat) => ({
    row: 19,
    attack: `iat ${JSON.stringify(iat)} of type ${typeof iat}`,
    raw: withClaims({ iat }),
    code: 'ERR_TOKEN_CLAIM' as const,
  })),
  {
    row: 19,
    attack: 'an end that passed',
    raw: withClaims({ iat: NOW_SECONDS - 900, exp: NOW_SECONDS - 5 }),
    code: 'ERR_TOKEN_EXPIRED',
  },
  { row: 20, attack: 'one megabyte', raw: 'a'.repeat(2 ** 20), code: 'ERR_TOKEN_TOO_LARGE' },
  {
    row: 20,
    attack: 'one character over the limit',
    raw: `${good}${'a'.repeat(8193 - good.length)}`,
    code: 'ERR_TOKEN_TOO_LARGE',
  },
  {
    row: 20,
    attack: 'deep JSON in an unsigned payload',
    raw: `${goodHeader}.${base64url(deep(2900))}.${goodSignature}`,
    code: 'ERR_TOKEN_SIGNATURE',
  },
  {
    row: 20,
    attack: 'deep JSON in a signed payload',
    raw: forge({ payload: deep(2900) }),
    code: 'ERR_TOKEN_MALFORMED',
  },
  { row: 20, attack: 'deep JSON in the header', raw: forge({ header: deep(700) }), code: 'ERR_TOKEN_MALFORMED' },
  { row: 20, attack: 'eight kilobytes of dots', raw: '.'.repeat(8192), code: 'ERR_TOKEN_MALFORMED' },
  ...[
    { user_id: { $ne: null } },
    { user_id: 42 },
    { user_id: null },
    { scopes: 'a' },
    { scopes: [1] },
    { scopes: { 0: 'a' } },
  ].map((extra) => ({
    row: 21,
    attack: `the claim ${JSON.stringify(extra)}`,
    raw: withClaims(extra),
    code: 'ERR_TOKEN_CLAIM' as const,
  })),
  ...[{ sub: 42 }, { iss: ['a'] }, { jti: {} }, { aud: 1 }, { aud: ['a', 1] }, { aud: 'somebody-else' }].map(
    (extra) => ({
      row: 21,
      attack: `the registered claim ${JSON.stringify(extra)}`,
      raw: withClaims(extra),
      code: 'ERR_TOKEN_CLAIM' as const,
    }),
  ),
  {
    row: 21,
    attack: 'a declared claim that is missing',
    raw: forge({ payload: without('user_id') }),
    code: 'ERR_TOKEN_CLAIM',
  },
  {
    row: 22,
    attack: 'claims that hide in __proto__',
    raw: forge({
      payload: `{"__proto__":{"user_id":"admin"},"rfid":"s","scopes":[],"iat":${NOW_SECONDS},"exp":${NOW_SECONDS + 900}}`,
    }),
    code: 'ERR_TOKEN_CLAIM',
  },
  {
    row: 23,
    attack: 'bytes in the payload that are not UTF-8',
    raw: forge({ payload: Buffer.from(JSON.stringify(GOOD_PAYLOAD).replace('42', '\u00FF'), 'latin1') }),
    code: 'ERR_TOKEN_MALFORMED',
  },
  {
    row: 23,
    attack: 'bytes in the header that are not UTF-8',
    raw: forge({ header: Buffer.from('{"alg":"HS256","typ":"at+jwt","x":"\u00FF"}', 'latin1') }),
    code: 'ERR_TOKEN_MALFORMED',
  },
  {
    row: 23,
    attack: 'a byte order mark before the payload',
    raw: forge({ payload: `\uFEFF${JSON.stringify(GOOD_PAYLOAD)}` }),
    code: 'ERR_TOKEN_MALFORMED',
  },
  {
    row: 23,
    attack: 'a byte order mark before the header',
    raw: forge({ header: `\uFEFF${JSON.stringify(GOOD_HEADER)}` }),
    code: 'ERR_TOKEN_MALFORMED',
  },
  {
    row: 24,
    attack: 'an ES256 signature of r = s = 0',
    raw: ecToken(new Uint8Array(64)),
    code: 'ERR_TOKEN_SIGNATURE',
    on: ecdsa,
  },
  {
    row: 24,
    attack: 'an ES256 signature of r = s = the order of the curve',
    raw: ecToken(Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex')),
    code: 'ERR_TOKEN_SIGNATURE',
    on: ecdsa,
  },
  {
    row: 24,
    attack: 'an ES256 signature in DER',
    raw: ecToken(
      signRaw('sha256', Buffer.from(`${base64url('{"alg":"ES256","typ":"at+jwt"}')}.${goodPayload}`), privateKey),
    ),
    code: 'ERR_TOKEN_SIGNATURE',
    on: ecdsa,
  },
  { row: 26, attack: 'another secret', raw: forge({ secret: `${SECRET}!` }), code: 'ERR_TOKEN_SIGNATURE' },
  ...[[good], { token: good }, Buffer.from(good), new String(good), null, undefined, 0, Symbol('t')].map((raw) => ({
    row: 27,
    attack: `a token given as ${Object.prototype.toString.call(raw)}`,
    raw,
    code: 'ERR_TOKEN_MALFORMED' as const,
  })),
]

describe('a token is refused for', () => {
  it.each(rejected)('row $row: $attack', async ({ raw, code, joseCode = code, on = hmac }) => {
    // What comes from a query string or a careless caller need not be a string.
    const text = raw as string
    on.Sync.load(good) // what an earlier token left behind must not help
    expect(on.Sync.load(text)).toBeNull()
    expect(on.Sync.tryLoad(text)).toMatchObject({ ok: false, code })
    const thrown = catchError(() => on.Sync.verify(text))
    expect(thrown).toBeInstanceOf(TokenError)
    expect(thrown).toMatchObject({ code })
    expect(await on.Async.loadAsync(text)).toBeNull()
    expect(await on.Async.tryLoadAsync(text)).toMatchObject({ ok: false, code: joseCode })

    // Row 5 and the rule on messages: nothing of the token is repeated.
    const printed = `${(thrown as Error).message} ${JSON.stringify(thrown)}`
    for (const part of String(raw)
      .split('.')
      .filter((part) => part.length > 20))
      expect(printed).not.toContain(part)
  })

  it('has no two attacks of one name', () => {
    const names = rejected.map(({ row, attack }) => `${row} ${attack}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})

describe('a token is still accepted with', () => {
  const accepted = [
    {
      row: 4,
      what: 'a jku, x5u and jwk that nobody follows',
      raw: withHeader({ jku: 'https://a.example', x5u: 'https://b.example', jwk: {} }),
    },
    ...['AT+JWT', 'application/at+jwt', 'Application/At+Jwt'].map((typ) => ({
      row: 8,
      what: `typ ${typ}, the same media type (RFC 7515 section 4.1.9)`,
      raw: withHeader({ typ }),
    })),
    {
      row: 12,
      what: 'a claim twice, of which the last counts',
      raw: forge({ payload: `{"user_id":"1",${JSON.stringify(GOOD_PAYLOAD).slice(1)}` }),
    },
    {
      row: 12,
      what: 'alg twice, of which the last counts',
      raw: forge({ header: '{"alg":"none","alg":"HS256","typ":"at+jwt"}' }),
    },
    {
      row: 16,
      what: 'times that are not whole',
      raw: withClaims({ iat: NOW_SECONDS + 0.5, exp: NOW_SECONDS + 900.5 }),
    },
    { row: 18, what: 'nbf within the tolerance', raw: withClaims({ nbf: NOW_SECONDS + 5 }) },
    { row: 19, what: 'iat within the tolerance', raw: withClaims({ iat: NOW_SECONDS + 5 }) },
    { row: 19, what: 'an end within the tolerance', raw: withClaims({ iat: NOW_SECONDS - 900, exp: NOW_SECONDS - 4 }) },
    {
      row: 22,
      what: 'an undeclared __proto__ claim',
      raw: forge({ payload: `{"__proto__":{"admin":true},${JSON.stringify(GOOD_PAYLOAD).slice(1)}` }),
    },
    { row: 23, what: 'a replacement character that is really there', raw: withClaims({ rfid: '\uFFFD' }) },
  ]

  it.each(accepted)('row $row: $what', async ({ raw }) => {
    expect(hmac.Sync.verify(raw)).toMatchObject({ userId: '42', scopes: ['a', 'b'] })
    expect((await hmac.Async.verifyAsync(raw)).userId).toBe('42')
  })

  it('row 22: undeclared claims, none of which reach the token', () => {
    const token = hmac.Sync.verify(
      forge({ payload: `{"__proto__":{"admin":true},"isAdmin":true,${JSON.stringify(GOOD_PAYLOAD).slice(1)}` }),
    )
    expect(Object.keys(token)).toEqual(['refreshTokenId', 'userId', 'scopes'])
    expect('admin' in token).toBe(false)
    expect('isAdmin' in token).toBe(false)
    expect(Object.getPrototypeOf(token)).toBe(hmac.Sync.prototype)
  })
})

describe('the limits on size', () => {
  it('row 20: let a token of exactly 8192 characters through', () => {
    const Wide = class extends ShortlivedTokenMixin({ x: claim(z.string()) }, { keys: SECRET, clock: () => NOW }) {}
    const fits = (size: number) => {
      try {
        return new Wide({ x: 'x'.repeat(size) }).dump().length <= 8192
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE' })
        return false
      }
    }
    let size = 5900
    while (fits(size + 1)) size++
    const raw = new Wide({ x: 'x'.repeat(size) }).dump()
    expect(raw.length).toBeGreaterThan(8190)
    expect(() => new Wide({ x: 'x'.repeat(size + 1) }).dump()).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_TOO_LARGE' }),
    )
    expect(Wide.load(raw)?.x).toHaveLength(size)
    expect(Wide.tryLoad(`${raw}${'A'.repeat(8193 - raw.length)}`)).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE' })
  })

  it('row 20: refuse a quarter of a gigabyte without reading it', () => {
    // A text built by joining is only laid out in memory when it is read.
    let rope = 'a'
    for (let i = 0; i < 28; i++) rope += rope
    expect(hmac.Sync.tryLoad(rope)).toMatchObject({ code: 'ERR_TOKEN_TOO_LARGE' })
  })
})

describe('dump refuses what load would refuse:', () => {
  const token = { refreshTokenId: 's', userId: '42', scopes: [] }
  it('row 17: a life longer than the greatest, when made and when dumped', () => {
    expect(() => new hmac.Sync({ ...token, expiresIn: '2 hours' })).toThrow(/maxLifetime/)
    expect(() => new hmac.Sync({ ...token, expiry: new Date(8.64e15) })).toThrow(/maxLifetime/)
    expect(() => new hmac.Sync({ ...token, expiry: new Date(Number.NaN) })).toThrow(/`expiry` must be a valid Date/)
    let now = NOW
    const Moving = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock: () => now }) {}
    const made = new Moving({ ...token, expiresIn: '1 hour' })
    now -= 60_000
    expect(() => made.dump()).toThrow(/maxLifetime/)
  })

  it('row 21: claims of another type', () => {
    const wrong = { ...token, userId: 42 as unknown as string }
    expect(() => new hmac.Sync(wrong).dump()).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_CLAIM', claim: 'user_id' }),
    )
  })

  it('row 12: nothing can make it write a name twice', () => {
    const [, payload = ''] = new hmac.Sync(token).dump().split('.')
    const text = Buffer.from(payload, 'base64url').toString()
    const names = [...text.matchAll(/"(\w+)":/g)].map(([, name]) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('keys that would weaken a token are refused:', () => {
  const pem = publicPem.toString()
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
  const secrets = {
    'a PEM public key as string': pem,
    'a PEM public key as bytes': Buffer.from(pem),
    'a PEM public key behind a comment': `# key\n${pem}`,
    'a PEM private key': rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'a DER public key': der,
    'a DER public key in PKCS #1': rsa.publicKey.export({ type: 'pkcs1', format: 'der' }),
    'a DER elliptic key': publicKey.export({ type: 'spki', format: 'der' }),
    'a DER Ed25519 key': generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }),
    'the body of a PEM file': pem.replaceAll(/-----.*-----/g, ''),
    'a JWK as text': JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
    'a key set as text': JSON.stringify({ keys: [rsa.publicKey.export({ format: 'jwk' })] }),
    'an SSH public key': `ssh-rsa ${base64url(der)} me@example`,
  }
  it.each(Object.entries(secrets))('row 3: %s as an HMAC secret', (_, secret) => {
    const error = catchError(() => Keys.from([{ secret }]))
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(/the secret is/)
    expect((error as Error).message).not.toContain(String(secret).slice(30, 60))
  })

  it.each(['', 'a', 'secret', 'x'.repeat(31), new Uint8Array(31), 'é'.repeat(15)])(
    'row 25: the short secret %j',
    (secret) => {
      expect(() => Keys.from([{ secret }])).toThrow(/at least 32 bytes|must not be empty/)
    },
  )

  it('row 25: the error says how to make a good one', () => {
    expect(() => Keys.from([{ secret: 'secret' }])).toThrow(/node -p "require\('node:crypto'\)\.randomBytes\(32\)/)
  })

  it('row 25: bytes count, not characters', () => {
    expect(Keys.from([{ secret: 'é'.repeat(16) }]).size).toBe(1)
  })

  it('row 3: asymmetric keys as text or bytes', () => {
    for (const key of [pem, Buffer.from(pem), der, JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))]) {
      // The compiler refuses this already; callers without types reach it.
      expect(() => Keys.from([{ publicKey: key as never }])).toThrow(/never text or bytes/)
    }
  })

  it('RSA keys of fewer than 2048 bits, in every form', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(() => Keys.from([{ publicKey: small.publicKey }])).toThrow(/2048/)
    expect(() => Keys.from([{ jwk: small.publicKey.export({ format: 'jwk' }) }])).toThrow(/2048/)
  })

  it('keys of other curves and kinds', () => {
    expect(() => Keys.from([{ publicKey: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey }])).toThrow(
      /P-256/,
    )
    expect(() => Keys.from([{ publicKey: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey }])).toThrow(
      /P-256/,
    )
    expect(() => Keys.from([{ publicKey: generateKeyPairSync('ed448').publicKey }])).toThrow(/ed25519/)
    expect(() => Keys.from([{ publicKey: generateKeyPairSync('x25519').publicKey }])).toThrow(/ed25519/)
    expect(() => Keys.from([{ publicKey: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey }])).toThrow(
      /rsa/,
    )
  })

  const point = publicKey.export({ format: 'jwk' })
  const ecDer = publicKey.export({ type: 'spki', format: 'der' })
  const ecPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const twice = (text: string) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64')
  it.each([
    ['a PEM in base64', Buffer.from(ecPem).toString('base64')],
    ['a PEM in base64 twice', twice(ecPem)],
    ['a PEM in hex', Buffer.from(ecPem).toString('hex')],
    ['a JWK in base64url', base64url(JSON.stringify(point))],
    ['a JWK in a list', JSON.stringify([point])],
    ['a key set in base64', Buffer.from(JSON.stringify({ keys: [point] })).toString('base64')],
    ['a DER in hex', ecDer.toString('hex')],
    [
      'a DER in hex with colons',
      ecDer
        .toString('hex')
        .replace(/(..)(?=.)/g, '$1:')
        .toUpperCase(),
    ],
    ['a DER with a line break', Uint8Array.from([...ecDer, 0x0d, 0x0a])],
    [
      'a DER that ends in the byte of a line break, with another',
      Uint8Array.from([...ecDer.subarray(0, -1), 0x0a, 0x0a]),
    ],
    ['a DER that ends in the byte of a blank', Uint8Array.from([...ecDer.subarray(0, -1), 0x20])],
    ['a PEM in UTF-16', Uint8Array.from(Buffer.from(ecPem, 'utf16le'))],
    ['a PEM in UTF-16 with a byte order mark', Uint8Array.from(Buffer.from(`\uFEFF${ecPem}`, 'utf16le'))],
    ['a PEM in quotes', JSON.stringify(ecPem)],
    ['an SSH2 key', '---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAAB\n---- END SSH2 PUBLIC KEY ----'],
  ])('as a secret: %s', (_, secret) => {
    expect(() => Keys.from([{ secret }])).toThrow(/the secret is (?:a key or certificate in|a JWK)/)
  })

  it('but not random secrets, in whatever way they are written', () => {
    for (let i = 0; i < 200; i++) {
      const bytes = randomBytes(32 + (i % 33))
      for (const secret of [bytes, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')]) {
        expect(Keys.from([{ secret }]).size).toBe(1)
      }
    }
  })

  it('an oct JWK in the place of an asymmetric key', () => {
    expect(() => Keys.from([{ jwk: { kty: 'oct', k: base64url(SECRET) } }])).toThrow(/expected an EC key/)
  })

  it('a private key where a public one belongs', () => {
    expect(() => Keys.from([{ publicKey: privateKey }])).toThrow(/holds a private key/)
    expect(() => Keys.from([{ privateKey: publicKey }])).toThrow(/no private part/)
  })

  it('a pair that does not belong together', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keys = Keys.from([{ privateKey, publicKey: other.publicKey }])
    expect(() => ShortlivedTokenMixin(claims, { keys })).toThrow(/cannot be used/)
  })

  it('a point that is not on the curve', () => {
    const jwk = {
      ...createPublicKey(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))).export({
        format: 'jwk',
      }),
    }
    for (const y of [base64url(new Uint8Array(32).fill(7)), base64url(new Uint8Array(32)), jwk.x]) {
      expect(() => Keys.from([{ jwk: { ...jwk, y } }])).toThrow(/not a point on the curve P-256/)
    }
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
