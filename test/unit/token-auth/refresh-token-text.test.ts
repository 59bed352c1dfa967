import { createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { claim, Keys, nodeEngine, ShortlivedTokenMixin } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hmacEngine, webHmacEngine } from '../../../src/token-auth/engines/hmac-engine.ts'
import { derivedRefreshKeys } from '../../../src/token-auth/refresh/refresh-token-keys.ts'
import { newSessionId, RefreshTokenText } from '../../../src/token-auth/refresh/refresh-token-text.ts'
import { policyOf } from '../../../src/token-auth/token/policy-of.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const keys = Keys.from([{ secret: SECRET }])
const text = new RefreshTokenText(() => keys)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('the text of a refresh token', () => {
  it('says its id and counter again, in 70 characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0xffff_ffff }), async (counter) => {
        const id = newSessionId()
        const written = await text.format({ id, counter }, 0)
        expect(written).toMatch(/^[A-Za-z0-9_-]{70}$/)
        expect(await text.parse(written, 0)).toEqual({ id, counter })
        expect(await text.format({ id, counter }, 0)).toBe(written)
      }),
    )
  })

  it('is id, counter and an HMAC over both that no JWT can have', async () => {
    const head = Buffer.concat([Buffer.alloc(16, 7), Buffer.from([0, 0, 1, 2])])
    const id = head.subarray(0, 16).toString('base64url')
    const input = `twopi refresh token ${head.toString('base64url')}`
    const mac = createHmac('sha256', SECRET).update(input).digest('base64url')
    expect(await text.format({ id, counter: 258 }, 0)).toBe(head.toString('base64url') + mac)
  })

  it('is refused when any one character is another', async () => {
    const written = await text.format({ id: newSessionId(), counter: 1 }, 0)
    for (let i = 0; i < written.length; i++) {
      for (const character of [...alphabet].filter((candidate) => candidate !== written[i])) {
        expect(await text.parse(written.slice(0, i) + character + written.slice(i + 1), 0)).toBeNull()
      }
    }
  })

  it('is refused when it is not the canonical text, or no text', async () => {
    const written = await text.format({ id: newSessionId(), counter: 1 }, 0)
    const others: unknown[] = [
      `${written}=`,
      ` ${written}`,
      `${written}\n`,
      written.slice(0, -1),
      `${written.slice(0, -1)}=`,
      written.replace(/.$/, 'é'),
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

  it('is made with the first key and read with each, until it has ended', async () => {
    const first = { kid: 'a', secret: SECRET, notAfter: new Date(1000) }
    const second = { kid: 'b', secret: `${SECRET}2` }
    const before = new RefreshTokenText(() => Keys.from([first, second]))
    const turned = new RefreshTokenText(() => Keys.from([second, first]))
    const id = newSessionId()
    const made = await before.format({ id, counter: 0 }, 999)
    expect(await turned.parse(made, 999)).toEqual({ id, counter: 0 })
    expect(await turned.parse(made, 1000)).toBeNull()
    const later = await before.format({ id, counter: 0 }, 1000)
    expect(later).toBe(await turned.format({ id, counter: 0 }, 0))
    const ended = new RefreshTokenText(() => Keys.from([first]))
    await expect(ended.format({ id, counter: 0 }, 1000)).rejects.toThrow(/`notAfter` of every key has passed/)
  })

  it('is the same on crypto.subtle, where there is no node:crypto', async () => {
    expect(hmacEngine()).toBe(nodeEngine)
    const web = new RefreshTokenText(() => keys, webHmacEngine)
    const claimed = { id: newSessionId(), counter: 9 }
    const written = await web.format(claimed, 0)
    expect(written).toBe(await text.format(claimed, 0))
    expect(await web.parse(written, 0)).toEqual(claimed)
    expect(await web.parse(`${written.slice(0, -1)}${written.endsWith('A') ? 'E' : 'A'}`, 0)).toBeNull()
    expect(await web.parse(`${written.slice(0, -1)}=`, 0)).toBeNull()
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
      return 'secret' in key!.material ? Buffer.from(key!.material.secret) : null
    }
    const derived = await secretOf(Token)
    expect(derived).toEqual(createHmac('sha256', SECRET).update('twopi refresh token key\x01').digest())
    expect(derived).not.toEqual(Buffer.from(SECRET))
    // Node only has both steps of RFC 5869 in one. Its extract step is done here by hand, so that what is left is the expand.
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(SECRET).digest()
    const full = Buffer.from(hkdfSync('sha256', SECRET, Buffer.alloc(0), 'twopi refresh token key', 32))
    expect(await secretOf(ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: extracted }))).toEqual(full)
  })

  it('follow each HS256 key, with its name and end', async () => {
    const source = Keys.from([
      { kid: 'a', secret: SECRET },
      { kid: 'b', secret: `${SECRET}2`, notAfter: new Date(5000) },
    ])
    const Token = ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: source })
    const derived = [...(await derivedRefreshKeys(policyOf(Token))())]
    expect(derived.map(({ kid, notAfter }) => ({ kid, notAfter }))).toEqual([
      { kid: 'a', notAfter: undefined },
      { kid: 'b', notAfter: 5000 },
    ])
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
