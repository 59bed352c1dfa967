import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { claim, type KeyEntry, Keys, type Moment, ShortlivedTokenMixin } from 'twopi/token-auth'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { forge, GOOD_PAYLOAD, NOW, NOW_SECONDS, SECRET } from '../../support/forge-token.ts'

const claims = { userId: claim('user_id', z.string()) }
const header = (raw: string) => JSON.parse(Buffer.from(raw.split('.')[0] ?? '', 'base64url').toString())

describe('Keys.from', () => {
  it('reports every problem of every entry at once, without any part of a key', () => {
    const wrong = [
      { kid: 'a b', secret: 'short' },
      { kid: 'k' },
      { secret: 'x'.repeat(40), jwk: {} },
      { kid: 'k', secret: SECRET, alg: 'ES256', notAfter: new Date(Number.NaN) },
      null,
      { jwk: { kty: 'RSA', n: 'AA', e: 'AQAB', d: 'secret-part' } },
    ] as unknown as KeyEntry[]
    expect(() => Keys.from(wrong)).toThrow(
      new TypeError(`Keys.from: 8 problems
  - entry 0: \`kid\` must be 1 to 64 printable ASCII characters without blanks
  - entry 0: a secret must have at least 32 bytes, found 5. Make one with: node -p "require('node:crypto').randomBytes(32).toString('base64url')"
  - entry 1: give exactly one of \`secret\`, \`jwk\`, \`privateKey\` (with or without \`publicKey\`) and \`publicKey\`
  - entry 2: give exactly one of \`secret\`, \`jwk\`, \`privateKey\` (with or without \`publicKey\`) and \`publicKey\`
  - entry 3: \`notAfter\` must be a valid Date or Temporal.Instant
  - entry 3: \`alg\` must be HS256 for this key, or be left out
  - entry 4: expected an object, found object
  - entry 5: an RSA key must have 2048 to 8192 bits, found 0`),
    )
  })

  it('refuses an empty list, one name twice, and two keys without a name', () => {
    expect(() => Keys.from([])).toThrow(/at least one key/)
    expect(() =>
      Keys.from([
        { kid: 'a', secret: SECRET },
        { kid: 'a', secret: `${SECRET}2` },
      ]),
    ).toThrow(/'a' is used twice/)
    expect(() => Keys.from([{ secret: SECRET }, { secret: `${SECRET}2` }])).toThrow(/only one may have no `kid`/)
  })

  it('says what to do about a secret or an entry that is in no list', () => {
    for (const wrong of [SECRET, { kid: 'a', secret: SECRET }, Buffer.from(SECRET), null, undefined]) {
      expect(() => Keys.from(wrong as never)).toThrow(
        /^Keys\.from: expected a list of entries, such as `\[\{ secret \}\]`/,
      )
    }
  })

  it('makes keys that another installed copy of twopi takes for its own', async () => {
    vi.resetModules()
    const other = await import('../../../src/token-auth/index.ts')
    expect(other.Keys).not.toBe(Keys)
    const keys = other.Keys.from([{ secret: SECRET }])
    expect(keys).toBeInstanceOf(Keys)
    const Token = ShortlivedTokenMixin(claims, { keys, clock: () => NOW })
    expect(Token.isAsync).toBe(false)
    expect(Token.load(new Token({ userId: '1' }).dump())?.userId).toBe('1')
    expect(await Token.loadAsync(await new Token({ userId: '1' }).dumpAsync())).not.toBeNull()
  })

  it('takes the `kid` of a JWK', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const [key] = Keys.from([{ jwk: { ...privateKey.export({ format: 'jwk' }), kid: 'from-jwk' } }])
    expect(key?.kid).toBe('from-jwk')
  })

  it('refuses a JWK that is meant for something else', () => {
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    expect(() => Keys.from([{ jwk: { ...jwk, use: 'enc' } }])).toThrow(/`use`/)
    expect(() => Keys.from([{ jwk: { ...jwk, key_ops: ['deriveBits'] } }])).toThrow(/`key_ops`/)
    expect(() => Keys.from([{ jwk: { ...jwk, alg: 'ES512' } }])).toThrow(/signs with ES256/)
    expect(() => Keys.from([{ jwk: { ...jwk, x: `${jwk.x}=` } }])).toThrow(/32 bytes/)
  })

  it('copies a secret, so that wiping the original does not change the key', () => {
    const secret = randomBytes(32)
    const Token = ShortlivedTokenMixin(claims, { keys: Keys.from([{ secret }]), clock: () => NOW })
    const raw = forge({ secret: Uint8Array.from(secret) })
    secret.fill(0)
    expect(Token.load(raw)?.userId).toBe('42')
  })

  it('shows no secret and no private part when it is printed', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    const keys = Keys.from([
      { kid: 'a', secret: SECRET },
      { kid: 'b', jwk },
    ])
    const printed = [keys, [...keys]]
      .map((value) => inspect(value, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(value))
      .join()
    expect(printed).not.toContain(SECRET)
    expect(printed).not.toContain(jwk.d)
    expect(printed).not.toContain(`${String(Buffer.from(SECRET)[0])}, ${String(Buffer.from(SECRET)[1])}`)
  })
})

describe('several keys', () => {
  let now = NOW
  const clock = () => now
  const day = 86_400_000
  const [first, second, third] = ['first', 'second', 'third'].map((name) => `${name}-${SECRET}`) as [
    string,
    string,
    string,
  ]
  const tokens = (keys: Keys) => ShortlivedTokenMixin(claims, { keys, clock })
  const before = tokens(Keys.from([{ kid: '1', secret: first }]))
  const during = tokens(
    Keys.from([
      { kid: '2', secret: second },
      { kid: '1', secret: first, notAfter: new Date(NOW + day) },
    ]),
  )
  const after = tokens(
    Keys.from([
      { kid: '3', secret: third },
      { kid: '2', secret: second },
    ]),
  )

  it('rotate: the first signs, all verify, and a removed one verifies nothing', () => {
    now = NOW
    const old = new before({ userId: '1' }).dump()
    const current = new during({ userId: '2' }).dump()
    expect(header(old).kid).toBe('1')
    expect(header(current).kid).toBe('2')
    expect(during.load(old)?.userId).toBe('1')
    expect(during.load(current)?.userId).toBe('2')
    expect(after.load(current)?.userId).toBe('2')
    expect(after.tryLoad(old)).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    expect(before.tryLoad(current)).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
  })

  it('end at `notAfter` to the millisecond, whatever was accepted before', () => {
    now = NOW + day - 1
    const raw = new before({ userId: '1', expiresIn: '1 hour' }).dump()
    expect(during.load(raw)?.userId).toBe('1')
    now = NOW + day
    expect(during.tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    expect(before.load(raw)?.userId).toBe('1')
  })

  it('sign only tokens that end before the key does', () => {
    now = NOW
    const Token = tokens(
      Keys.from([
        { kid: '1', secret: first, notAfter: new Date(NOW + 600_000) },
        { kid: '2', secret: second },
      ]),
    )
    expect(header(new Token({ userId: '1', expiresIn: '10 minutes' }).dump()).kid).toBe('1')
    expect(header(new Token({ userId: '1', expiresIn: '11 minutes' }).dump()).kid).toBe('2')
    const Ended = tokens(Keys.from([{ kid: '1', secret: first, notAfter: new Date(NOW) }]))
    expect(() => new Ended({ userId: '1' }).dump()).toThrow(/Put a new key first/)
  })

  it('may have one without a name, which old tokens without `kid` are checked with', () => {
    now = NOW
    const Token = tokens(Keys.from([{ kid: 'new', secret: second }, { secret: SECRET }]))
    expect(Token.load(forge())?.userId).toBe('42')
    expect(header(new Token({ userId: '1' }).dump()).kid).toBe('new')
  })

  it('skip a first key that is public when it comes to signing', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    expect(
      header(
        new (tokens(
          Keys.from([
            { kid: 'p', publicKey },
            { kid: 's', secret: first },
          ]),
        ))({ userId: '1' }).dump(),
      ),
    ).toEqual({
      alg: 'HS256',
      typ: 'at+jwt',
      kid: 's',
    })
    expect(() => new (tokens(Keys.from([{ publicKey }])))({ userId: '1' }).dump()).toThrow(/all are public/)
  })

  it('of several algorithms stay apart: each verifies only its own', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const Token = tokens(
      Keys.from([
        { kid: 'ec', privateKey },
        { kid: 'hs', secret: SECRET },
      ]),
    )
    expect(header(new Token({ userId: '1' }).dump())).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'ec' })
    expect(Token.load(forge({ header: { alg: 'HS256', typ: 'at+jwt', kid: 'hs' } }))?.userId).toBe('42')
    expect(Token.tryLoad(forge({ header: { alg: 'HS256', typ: 'at+jwt', kid: 'ec' } }))).toMatchObject({
      code: 'ERR_TOKEN_ALGORITHM',
    })
  })

  it('accept an end given as Temporal.Instant', () => {
    const notAfter: Moment = { epochMilliseconds: NOW + 1000 }
    const [key] = Keys.from([{ secret: SECRET, notAfter }])
    expect(key?.notAfter).toBe(NOW + 1000)
  })
})

describe('one key', () => {
  it('without a name puts no `kid` into the header, and accepts none', () => {
    const Token = ShortlivedTokenMixin(claims, { keys: SECRET, clock: () => NOW })
    expect(header(new Token({ userId: '1' }).dump())).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    expect(Token.tryLoad(forge({ header: { alg: 'HS256', typ: 'at+jwt', kid: 'x' } }))).toMatchObject({
      code: 'ERR_TOKEN_UNKNOWN_KEY',
    })
  })

  it('with a name puts it into the header, and accepts tokens without', () => {
    const Token = ShortlivedTokenMixin(claims, { keys: Keys.from([{ kid: 'only', secret: SECRET }]), clock: () => NOW })
    expect(header(new Token({ userId: '1' }).dump()).kid).toBe('only')
    expect(Token.load(forge({ payload: GOOD_PAYLOAD }))?.userId).toBe('42')
  })

  it('may be a PEM file read by node:crypto', () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const Token = ShortlivedTokenMixin(claims, {
      keys: Keys.from([{ privateKey: createPrivateKey(pem) }]),
      clock: () => NOW,
    })
    expect(Token.load(new Token({ userId: '1' }).dump())?.expiry).toEqual(new Date((NOW_SECONDS + 900) * 1000))
  })
})
