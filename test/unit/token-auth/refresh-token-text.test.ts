import { createHmac, generateKeyPairSync, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { claim, Keys, loadJwks, nodeEngine, ShortlivedTokenMixin, type TokenOptions } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hmacEngine, webHmacEngine } from '../../../src/token-auth/engines/hmac-engine.ts'
import { derivedRefreshKeys } from '../../../src/token-auth/refresh/refresh-token-keys.ts'
import { newSessionId, RefreshTokenText } from '../../../src/token-auth/refresh/refresh-token-text.ts'
import { policyOf } from '../../../src/token-auth/token/policy-of.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const keys = Keys.from([{ secret: SECRET }])
/** A token of a session that never ends, as far as a key can tell. */
const salt = newSessionId()
const token = (id: string, counter: number, expiresAt = 0) => ({ id, counter, salt, expiresAt })
const text = new RefreshTokenText(() => keys)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('the text of a refresh token', () => {
  it('says its id and counter again, in 113 characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0xffff_ffff }), async (counter) => {
        const id = newSessionId()
        const written = await text.format(token(id, counter), 0)
        expect(written).toMatch(/^[A-Za-z0-9_-]{113}$/)
        const claim = await text.parse(written, 0)
        expect(claim).toMatchObject({ id, counter })
        expect(await claim?.belongsTo(salt)).toBe(true)
        expect(await claim?.belongsTo(newSessionId())).toBe(false)
        expect(await text.format(token(id, counter), 0)).toBe(written)
      }),
    )
  })

  it('is id, counter, an HMAC over both and one over both and the salt, which no JWT can have', async () => {
    const head = Buffer.concat([Buffer.alloc(16, 7), Buffer.from([0, 0, 1, 2])])
    const id = head.subarray(0, 16).toString('base64url')
    const mac = (input: string) => createHmac('sha256', SECRET).update(input).digest('base64url')
    const input = `twopi refresh token ${head.toString('base64url')}`
    expect(await text.format(token(id, 258), 0)).toBe(head.toString('base64url') + mac(input) + mac(`${input} ${salt}`))
  })

  it('is refused when any one character is another', async () => {
    const written = await text.format(token(newSessionId(), 1), 0)
    for (let i = 0; i < written.length; i++) {
      for (const character of [...alphabet].filter((candidate) => candidate !== written[i])) {
        const claim = await text.parse(written.slice(0, i) + character + written.slice(i + 1), 0)
        if (i < 70) expect(claim).toBeNull()
        else expect(await claim?.belongsTo(salt)).toBe(false)
      }
    }
  })

  it('is refused when it is not the canonical text, or no text', async () => {
    const written = await text.format(token(newSessionId(), 1), 0)
    const others: unknown[] = [
      `${written}=`,
      ` ${written}`,
      `${written}\n`,
      written.slice(0, -1),
      `${written.slice(0, 69)}=${written.slice(70)}`,
      `é${written.slice(1)}`,
      '',
      undefined,
      null,
      0,
      [written],
      { toString: () => written },
      new String(written),
    ]
    for (const other of others) expect(await text.parse(other, 0)).toBeNull()
  })

  it('is made with a key that outlives the session, and read with each that has not ended', async () => {
    const soon = { kid: 'a', secret: SECRET, notAfter: new Date(1000) }
    const later = { kid: 'b', secret: `${SECRET}2`, notAfter: new Date(5000) }
    const never = { kid: 'c', secret: `${SECRET}3` }
    const id = newSessionId()
    /** Which of the keys makes the token of a session that lives to `expiresAt`. */
    const maker = async (entries: readonly { kid: string; secret: string }[], expiresAt: number, now = 0) => {
      const made = await new RefreshTokenText(() => Keys.from(entries)).format(token(id, 0, expiresAt), now)
      for (const entry of [soon, later, never]) {
        const { kid, secret } = entry
        if ((await new RefreshTokenText(() => Keys.from([{ secret }])).parse(made, 0)) !== null) return kid
      }
      return null
    }
    expect(await maker([soon, later, never], 2000)).toBe('c')
    expect(await maker([soon, later], 900)).toBe('a')
    expect(await maker([soon, later], 2000)).toBe('b')
    expect(await maker([soon, later], 9000)).toBe('b')
    expect(await maker([later, soon], 9000)).toBe('b')
    expect(await maker([soon, later], 900, 1000)).toBe('b')
    expect(await maker([never, soon], 9000)).toBe('c')

    const made = await new RefreshTokenText(() => Keys.from([soon])).format(token(id, 0, 900), 999)
    const turned = new RefreshTokenText(() => Keys.from([never, soon]))
    expect(await turned.parse(made, 999)).toMatchObject({ id, counter: 0 })
    expect(await turned.parse(made, 1000)).toBeNull()
    const ended = new RefreshTokenText(() => Keys.from([soon]))
    await expect(ended.format(token(id, 0), 1000)).rejects.toThrow(/`notAfter` of every key has passed/)
  })

  it('is the same on crypto.subtle, where there is no node:crypto', async () => {
    expect(hmacEngine()).toBe(nodeEngine)
    const web = new RefreshTokenText(() => keys, webHmacEngine)
    const claimed = token(newSessionId(), 9)
    const written = await web.format(claimed, 0)
    expect(written).toBe(await text.format(claimed, 0))
    const claim = await web.parse(written, 0)
    expect(claim).toMatchObject({ id: claimed.id, counter: 9 })
    expect(await claim?.belongsTo(salt)).toBe(true)
    const wrongSalt = await web.parse(`${written.slice(0, -1)}${written.endsWith('A') ? 'E' : 'A'}`, 0)
    expect(await wrongSalt?.belongsTo(salt)).toBe(false)
    const padded = await web.parse(`${written.slice(0, -1)}=`, 0)
    expect(await padded?.belongsTo(salt)).toBe(false)
    expect(await web.parse(`${written.slice(0, 30)}.${written.slice(31)}`, 0)).toBeNull()
  })

  it('ids are random', () => {
    const ids = new Set(Array.from({ length: 1000 }, newSessionId))
    expect(ids.size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })
})

describe('keys of refresh tokens that are derived from those of the token class', () => {
  it('are what HKDF-Expand gives, and not the keys themselves', async () => {
    const Token = ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET })
    const secretOf = async (Class: object) => {
      const [key] = await derivedRefreshKeys(policyOf(Class))()
      const material = key!.material()
      return 'secret' in material ? Buffer.from(material.secret) : null
    }
    const derived = await secretOf(Token)
    expect(derived).toEqual(createHmac('sha256', SECRET).update('twopi refresh token key\x01').digest())
    expect(derived).not.toEqual(Buffer.from(SECRET))
    // Node only has both steps of RFC 5869 in one. Its extract step is done here by hand, so that what is left is the expand.
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(SECRET).digest()
    const full = Buffer.from(hkdfSync('sha256', SECRET, Buffer.alloc(0), 'twopi refresh token key', 32))
    expect(await secretOf(ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: extracted }))).toEqual(full)
  })

  it('follow each HS256 key with its name, without its end, those that stay first', async () => {
    const source = Keys.from([
      { kid: 'a', secret: SECRET, notAfter: new Date(5000) },
      { kid: 'b', secret: `${SECRET}2`, notAfter: new Date(6000) },
      { kid: 'c', secret: `${SECRET}3` },
      { kid: 'd', secret: `${SECRET}4` },
    ])
    const Token = ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: source })
    const derived = [...(await derivedRefreshKeys(policyOf(Token))())]
    expect(derived.map(({ kid }) => kid)).toEqual(['c', 'd', 'b', 'a'])
    expect(derived.every(({ notAfter }) => notAfter === undefined)).toBe(true)
  })

  it('are not made of secrets of fewer than 32 bytes, which is found at set-up, or else on first use', async () => {
    const claims = { userId: claim(z.string()) }
    const short = Keys.from(
      [
        { kid: 'a', secret: SECRET },
        { kid: 'b', secret: 'supersecret' },
      ],
      { acceptShortSecrets: true },
    )
    const policy = (options: TokenOptions) => policyOf(ShortlivedTokenMixin(claims, options))
    for (const options of [
      { keys: 'supersecret', acceptShortSecrets: true },
      { keys: 'supersecret', compat: 'twopi-flask' },
      { keys: short },
      { keys: () => SECRET, acceptShortSecrets: true },
      { compat: 'twopi-flask' },
    ] satisfies TokenOptions[]) {
      expect(() => derivedRefreshKeys(policy(options))).toThrow(/fewer than 32 bytes.*pass `refreshKeys`/)
    }
    await expect(derivedRefreshKeys(policy({ keys: () => short }))()).rejects.toThrow(/fewer than 32 bytes/)
    // What is accepted is one thing, what is there another.
    const long = policy({ keys: SECRET, compat: 'twopi-flask' })
    await expect(derivedRefreshKeys(long)()).resolves.toBeInstanceOf(Keys)
  })

  it('cannot be made of keys of another algorithm, or keys that must be waited for: found at set-up', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    for (const keys of [Keys.from([{ privateKey }]), loadJwks('https://partner.example/jwks.json')]) {
      const Token = ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys })
      expect(() => derivedRefreshKeys(policyOf(Token))).toThrow(/no HS256 secret.*pass `refreshKeys`/)
    }
  })

  it('are made on first use, and tried again when the environment lacked the secret', async () => {
    let secret: string | undefined
    const Token = ShortlivedTokenMixin(
      { userId: claim(z.string()) },
      {
        keys: () => {
          if (secret === undefined) throw new TypeError('no secret yet')
          return secret
        },
      },
    )
    const derived = derivedRefreshKeys(policyOf(Token))
    await expect(derived()).rejects.toThrow('no secret yet')
    secret = SECRET
    const ready = await derived()
    expect([...ready]).toHaveLength(1)
    expect(derived()).toBe(ready)
  })
})
