import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, jwtVerify } from 'jose'
import {
  claim,
  type Jwk,
  type JwsEngine,
  Keys,
  loadJwks,
  nodeEngine,
  publishJwks,
  type RemoteJwksOptions,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { UnusableKeyError } from '../../../src/token-auth/keys/unusable-key-error.ts'
import { forge, NOW, SECRET } from '../../support/forge-token.ts'

const claims = { userId: claim('user_id', z.string()) }
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signing = Keys.from([
  { kid: 'ec', privateKey: ec.privateKey },
  { kid: 'ed', jwk: ed.privateKey.export({ format: 'jwk' }) },
  { kid: 'rsa', privateKey: rsa.privateKey, publicKey: rsa.publicKey },
  { kid: 'hs', secret: SECRET },
])
const tokenBy = (kid: string) => {
  const [key] = [...signing].filter((found) => found.kid === kid)
  const Token = ShortlivedTokenMixin(claims, { keys: Keys.of(key === undefined ? [] : [key]), clock: () => NOW })
  return new Token({ userId: kid }).dump()
}

describe('publishJwks', () => {
  it('publishes the public members of every asymmetric key, and never a secret or private member', () => {
    const { keys } = publishJwks(signing)
    expect(keys.map(({ kid, alg, use, kty }) => [kid, alg, use, kty])).toEqual([
      ['ec', 'ES256', 'sig', 'EC'],
      ['ed', 'EdDSA', 'sig', 'OKP'],
      ['rsa', 'RS256', 'sig', 'RSA'],
    ])
    const members = new Set(keys.flatMap((jwk) => Object.keys(jwk)))
    expect([...members].sort()).toEqual(['alg', 'crv', 'e', 'kid', 'kty', 'n', 'use', 'x', 'y'])
    expect(JSON.stringify(keys)).not.toContain(ed.privateKey.export({ format: 'jwk' }).d)
  })

  it('leaves out keys that have ended', () => {
    const keys = Keys.from([
      { kid: 'a', publicKey: ec.publicKey, notAfter: new Date(NOW) },
      { kid: 'b', publicKey: ed.publicKey },
    ])
    expect(publishJwks(keys, NOW - 1).keys).toHaveLength(2)
    expect(publishJwks(keys, NOW).keys.map(({ kid }) => kid)).toEqual(['b'])
  })

  it('has nothing to publish of secrets', () => {
    expect(publishJwks(Keys.from([{ secret: SECRET }]))).toEqual({ keys: [] })
  })

  it('says what to do about a CryptoKey', async () => {
    const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    expect(() => publishJwks(Keys.from([{ kid: 'web', ...pair }]))).toThrow(/'web' is a CryptoKey/)
  })

  it.each(['ec', 'ed', 'rsa'])('lets jose and us verify a token of the key %s', async (kid) => {
    const published = JSON.parse(JSON.stringify(publishJwks(signing)))
    const raw = tokenBy(kid)
    await jwtVerify(raw, createLocalJWKSet(published), { typ: 'at+jwt', currentDate: new Date(NOW) })
    const Reader = ShortlivedTokenMixin(claims, { keys: loadJwks(published), clock: () => NOW })
    expect(Reader.isAsync).toBe(false)
    expect(Reader.load(raw)?.userId).toBe(kid)
    expect(() => new Reader({ userId: '1' }).dump()).toThrow(/all are public/)
  })
})

describe('loadJwks of a key set', () => {
  const jwk: Jwk = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'good' }

  it('passes over keys it cannot use, and drops private members', () => {
    const keys = loadJwks({
      keys: [
        { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'oct', alg: 'HS256' },
        { kty: 'EC', crv: 'P-521', kid: 'p521' },
        { ...jwk, kid: 'enc', use: 'enc' },
        { ...jwk, kid: 'a b' },
        { ...jwk, kid: 'ops', key_ops: 'verify' as never },
        { ...jwk, kid: 'alg', alg: 'ES384' },
        null as unknown as Jwk,
        { ...ed.privateKey.export({ format: 'jwk' }), kid: 'private' },
        jwk,
      ],
    })
    expect([...keys].map(({ kid, alg, canSign }) => [kid, alg, canSign])).toEqual([
      ['private', 'EdDSA', false],
      ['good', 'ES256', false],
    ])
  })

  it.each([
    null,
    {},
    { keys: {} },
    { keys: [] },
    { keys: Array(101).fill(jwk) },
    { keys: [{ kty: 'oct', k: 'AAAA' }] },
  ])('refuses what is no usable set', (set) => {
    expect(() => loadJwks(set as never)).toThrow(TypeError)
  })
})

describe('loadJwks of a faulty key set', () => {
  const point: Jwk = ec.publicKey.export({ format: 'jwk' })
  const off: Jwk = { ...point, kid: 'off', y: Buffer.alloc(32, 7).toString('base64url') }

  it('names a key whose point is not on its curve, when the set is at hand', () => {
    expect(() => loadJwks({ keys: [off, { ...point, kid: 'ec' }] })).toThrow(
      new TypeError("loadJwks: the key 'off': `x` and `y` are not a point on the curve P-256"),
    )
  })

  it.each([nodeEngine, joseEngine])(
    'passes over a key of a URL that $name cannot import, and reads with the others',
    async (engine) => {
      const modulus = Buffer.alloc(256, 0xff).fill(0xfe, 255)
      const odd: Jwk = { kty: 'RSA', kid: 'odd', n: modulus.toString('base64url'), e: 'AA' }
      const { reader, fetches } = remote(() => ({ keys: [off, odd, { ...point, kid: 'ec' }] }), { engine })
      expect((await reader.loadAsync(tokenBy('ec')))?.userId).toBe('ec')
      for (const [kid, alg, length] of [
        ['off', 'ES256', 86],
        ['odd', 'RS256', 342],
      ] as const) {
        const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid })).toString('base64url')
        for (let i = 0; i < 3; i++) {
          expect(await reader.tryLoadAsync(`${header}.e30.${'A'.repeat(length)}`)).toMatchObject({
            code: expect.stringMatching(/ERR_TOKEN_(UNKNOWN_KEY|SIGNATURE)/),
          })
        }
      }
      expect(fetches()).toBe(1)
    },
  )

  it('asks the engine once about a key it cannot import', async () => {
    let asked = 0
    const engine: JwsEngine = {
      ...nodeEngine,
      sync: false,
      prepare(key) {
        if (key.kid !== 'ec') return nodeEngine.prepare?.(key)
        asked++
        throw new UnusableKeyError(key, '')
      },
    }
    const { reader } = remote(() => JSON.parse(set('ec', 'ed')), { engine })
    for (let i = 0; i < 5; i++) {
      expect(await reader.tryLoadAsync(tokenBy('ec'))).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    }
    expect(asked).toBe(1)
    expect(await reader.loadAsync(tokenBy('ed'))).not.toBeNull()
  })

  it('lets other faults of an engine through', async () => {
    const prepare = () => {
      throw new TypeError('no engine here')
    }
    const { reader } = remote(() => JSON.parse(set('ec')), { engine: { ...nodeEngine, prepare } })
    await expect(reader.tryLoadAsync(tokenBy('ec'))).rejects.toThrow('no engine here')
  })

  it.each([[{ keys: [] }], [{ keys: [off] }], [{ keys: [{ kty: 'oct', k: 'AAAA' }] }]])(
    'keeps good keys when the answer has none that can be used: %j',
    async (useless) => {
      let answer: unknown = JSON.parse(set('ec'))
      const { reader, wait } = remote(() => answer)
      expect(await reader.loadAsync(tokenBy('ec'))).not.toBeNull()
      answer = useless
      wait(31_000)
      expect(await reader.tryLoadAsync(tokenBy('ed'))).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
      expect(await reader.loadAsync(tokenBy('ec'))).not.toBeNull()
      wait(600_000)
      await expect(reader.tryLoadAsync(tokenBy('ec'))).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
      answer = JSON.parse(set('ec'))
      wait(1000)
      expect(await reader.loadAsync(tokenBy('ec'))).not.toBeNull()
    },
  )

  it.each([['same'], [undefined]])('keeps keys of two algorithms apart that have one name: %s', async (kid) => {
    const keys = [ec, ed].map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid }))
    const { reader } = remote(() => ({ keys }))
    const Local = ShortlivedTokenMixin(claims, { keys: loadJwks({ keys }), clock: () => NOW })
    for (const { privateKey } of [ec, ed]) {
      const Signer = ShortlivedTokenMixin(claims, { keys: Keys.from([{ kid, privateKey }]), clock: () => NOW })
      const raw = new Signer({ userId: '1' }).dump()
      expect(Local.load(raw)?.userId).toBe('1')
      expect((await reader.loadAsync(raw))?.userId).toBe('1')
      const [header = '', ...rest] = raw.split('.')
      const { alg, ...others } = JSON.parse(Buffer.from(header, 'base64url').toString())
      const swapped = { ...others, alg: alg === 'ES256' ? 'EdDSA' : 'ES256' }
      const forged = [Buffer.from(JSON.stringify(swapped)).toString('base64url'), ...rest].join('.')
      expect(Local.tryLoad(forged)).toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
    }
    expect(Local.tryLoad(forge({ header: { alg: 'HS256', typ: 'at+jwt', kid } }))).toMatchObject({
      code: 'ERR_TOKEN_ALGORITHM',
    })
  })

  it('takes the first of several keys of one name and one algorithm, and tries no other', () => {
    const other = generateKeyPairSync('ed25519')
    const keys = [ed, other].map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'a' }))
    const Local = ShortlivedTokenMixin(claims, { keys: loadJwks({ keys }), clock: () => NOW })
    const read = (privateKey: typeof ed.privateKey) => {
      const Signer = ShortlivedTokenMixin(claims, { keys: Keys.from([{ kid: 'a', privateKey }]), clock: () => NOW })
      return Local.tryLoad(new Signer({ userId: '1' }).dump())
    }
    expect(read(ed.privateKey)).toMatchObject({ ok: true })
    expect(read(other.privateKey)).toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
  })

  it.each(['abc+/=', 'urn:x:1', '../x'])('reads a token whose key is named %s', async (kid) => {
    const keys = [
      { ...ed.publicKey.export({ format: 'jwk' }), kid },
      { ...point, kid: 'ec' },
    ]
    const Signer = ShortlivedTokenMixin(claims, {
      keys: Keys.from([{ kid, privateKey: ed.privateKey }]),
      clock: () => NOW,
    })
    const { reader } = remote(() => ({ keys }))
    expect((await reader.loadAsync(new Signer({ userId: '1' }).dump()))?.userId).toBe('1')
  })

  it('ends the reading of an answer that is too large', async () => {
    let cancelled = 0
    const chunk = new Uint8Array(1000).fill(32)
    const reading = { read: async () => ({ done: false, value: chunk }), cancel: async () => void cancelled++ }
    const keys = loadJwks('https://a.example', {
      maxBytes: 3500,
      fetch: async () => ({ ok: true, body: { getReader: () => reading } }),
    })
    await expect(keys.find(undefined)).rejects.toMatchObject({
      code: 'ERR_TOKEN_KEYS_UNAVAILABLE',
      cause: new RangeError('the key set is larger than 3500 bytes'),
    })
    expect(cancelled).toBe(1)
  })

  it.each([
    ['never answers', () => new Promise<never>(() => {})],
    [
      'never ends its body',
      async () => ({
        ok: true,
        body: { getReader: () => ({ read: () => new Promise<never>(() => {}), cancel: async () => {} }) },
      }),
    ],
  ])('gives up in time a fetch that does not heed its signal and %s', async (_, fetch) => {
    const keys = loadJwks('https://a.example', { timeout: '20 milliseconds', fetch })
    await expect(keys.find(undefined)).rejects.toMatchObject({
      code: 'ERR_TOKEN_KEYS_UNAVAILABLE',
      cause: { name: 'TimeoutError' },
    })
  })

  it('takes nothing from an answer that comes too late', async () => {
    let arrive: (response: Response) => void = () => {}
    const late = new Promise<Response>((resolve) => {
      arrive = resolve
    })
    const keys = loadJwks('https://a.example', { timeout: '20 milliseconds', fetch: () => late, clock: () => NOW })
    await expect(keys.find('ec')).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
    arrive(new Response(set('ec')))
    await new Promise(setImmediate)
    await expect(keys.find('ec')).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
  })

  it('refuses a URL with a name or a password, and does not repeat them', () => {
    for (const url of ['https://hugo:hunter2@a.example/jwks', 'https://hugo@a.example/jwks']) {
      expect(() => loadJwks(url)).toThrow(/must not hold a user name or a password/)
      expect(() => loadJwks(url)).not.toThrow(/hugo|hunter2/)
    }
  })

  function set(...kids: string[]): string {
    return JSON.stringify({ keys: publishJwks(signing).keys.filter(({ kid }) => kids.includes(kid ?? '')) })
  }

  function remote(answer: () => unknown, options: { readonly engine?: JwsEngine } = {}) {
    let now = NOW
    let fetches = 0
    const fetch = async () => {
      fetches++
      return new Response(JSON.stringify(answer()))
    }
    const keys = loadJwks('https://a.example/jwks.json', { fetch, clock: () => now })
    const reader = ShortlivedTokenMixin(claims, { keys, clock: () => NOW, ...options })
    const wait = (milliseconds: number) => {
      now += milliseconds
    }
    return { reader, wait, fetches: () => fetches }
  }
})

describe('loadJwks of a URL', () => {
  let now = NOW
  const servers: Server[] = []
  afterEach(async () => {
    now = NOW
    await Promise.all(
      servers.splice(0).map((server) => new Promise((done) => server.close(done).closeAllConnections())),
    )
  })

  async function serve(
    answer: (request: number) => {
      status?: number
      body?: string | Uint8Array
      headers?: Record<string, string>
      hang?: boolean
    },
  ) {
    let requests = 0
    const server = createServer((_, response) => {
      const { status = 200, body = '', headers = {}, hang } = answer(++requests)
      if (hang !== true) response.writeHead(status, headers).end(body)
    })
    servers.push(server)
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
    const reader = (options: RemoteJwksOptions = {}) =>
      ShortlivedTokenMixin(claims, {
        keys: loadJwks(url, { allowInsecureHttp: true, clock: () => now, ...options }),
        clock: () => NOW,
      })
    return { url, reader, requests: () => requests }
  }

  const set = (...kids: string[]) =>
    JSON.stringify({ keys: publishJwks(signing).keys.filter(({ kid }) => kids.includes(kid ?? '')) })

  it('fetches once for many tokens at once, and again only when the set is old', async () => {
    const { reader, requests } = await serve(() => ({ body: set('ec', 'ed') }))
    const Reader = reader()
    expect(Reader.isAsync).toBe(true)
    const tokens = await Promise.all([...Array(20)].map((_, i) => Reader.loadAsync(tokenBy(i % 2 === 0 ? 'ec' : 'ed'))))
    expect(tokens.every((token) => token !== null)).toBe(true)
    expect(requests()).toBe(1)
    now += 599_999
    await Reader.loadAsync(tokenBy('ec'))
    expect(requests()).toBe(1)
    now += 1
    await Reader.loadAsync(tokenBy('ec'))
    expect(requests()).toBe(2)
  })

  it('works with the asynchronous engine too', async () => {
    const { url } = await serve(() => ({ body: set('rsa') }))
    const Reader = ShortlivedTokenMixin(claims, {
      keys: loadJwks(url, { allowInsecureHttp: true }),
      engine: joseEngine,
      clock: () => NOW,
    })
    expect((await Reader.loadAsync(tokenBy('rsa')))?.userId).toBe('rsa')
  })

  it('finds a new key, but lets unknown names cause one fetch in thirty seconds', async () => {
    const { reader, requests } = await serve((request) => ({ body: request < 3 ? set('ec') : set('ec', 'ed') }))
    const Reader = reader()
    expect(await Reader.loadAsync(tokenBy('ec'))).not.toBeNull()
    for (let i = 0; i < 50; i++)
      expect(await Reader.tryLoadAsync(tokenBy('ed'))).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    expect(requests()).toBe(1)
    now += 30_000
    await Promise.all([...Array(50)].map(() => Reader.loadAsync(tokenBy('ed'))))
    expect(requests()).toBe(2)
    now += 30_000
    expect((await Reader.loadAsync(tokenBy('ed')))?.userId).toBe('ed')
    expect(requests()).toBe(3)
  })

  it('keeps a young set while the server is down, and says so when the set is old', async () => {
    const { reader, requests } = await serve((request) => (request === 1 ? { body: set('ec') } : { status: 503 }))
    const Reader = reader()
    expect(await Reader.loadAsync(tokenBy('ec'))).not.toBeNull()
    now += 60_000
    expect(await Reader.tryLoadAsync(tokenBy('ed'))).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    expect(await Reader.loadAsync(tokenBy('ec'))).not.toBeNull()
    now += 600_000
    await expect(Reader.loadAsync(tokenBy('ec'))).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
    const before = requests()
    for (let i = 0; i < 20; i++)
      await expect(Reader.loadAsync(tokenBy('ec'))).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
    expect(requests()).toBe(before)
    now += 1000
    await expect(Reader.loadAsync(tokenBy('ec'))).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS_UNAVAILABLE' })
    expect(requests()).toBe(before + 1)
  })

  it.each([
    ['no success', () => ({ status: 404, body: set('ec') })],
    ['no JSON', () => ({ body: '<html>' })],
    ['no key set', () => ({ body: '[]' })],
    ['more than 64 KiB', () => ({ body: `${' '.repeat(65_536)}${set('ec')}` })],
    ['bytes that are not UTF-8', () => ({ body: Buffer.from(`{"keys":[],"x":"\u00FF"}`, 'latin1') })],
    [
      'a redirect',
      (request: number) => (request === 1 ? { status: 302, headers: { location: '/other' } } : { body: set('ec') }),
    ],
    ['nothing in time', () => ({ hang: true })],
  ])('fails with its own code on an answer with %s', async (_, answer) => {
    const { reader } = await serve(answer)
    await expect(reader({ timeout: '200 milliseconds' }).loadAsync(tokenBy('ec'))).rejects.toMatchObject({
      code: 'ERR_TOKEN_KEYS_UNAVAILABLE',
      cause: expect.anything(),
    })
  })

  it('asks for https, and for sound options, all at once', () => {
    expect(() => loadJwks('http://a.example/jwks.json')).toThrow(/must begin with https:.*`allowInsecureHttp`/)
    expect(() => loadJwks('file:///etc/passwd', { allowInsecureHttp: true })).toThrow(/https:/)
    expect(() => loadJwks('no url')).toThrow(/expected a key set or the URL of one/)
    expect(() =>
      loadJwks('http://a.example', { cooldown: -1, maxAge: 'x' as never, timeout: Number.NaN, maxBytes: 0.5 }),
    ).toThrow(/5 problems/)
    expect(() => loadJwks(new URL('https://a.example/jwks.json'))).not.toThrow()
  })

  it('cannot be used synchronously, nor to sign', async () => {
    const Reader = ShortlivedTokenMixin(claims, { keys: loadJwks('https://a.example/jwks.json') })
    expect(() => Reader.load(tokenBy('ec'))).toThrow(/the key set is asynchronous. Call `await loadAsync\(\)`/)
    await expect(new Reader({ userId: '1' }).dumpAsync()).rejects.toThrow(/remote key set cannot sign/)
  })
})

describe('keys of your own that must be waited for', () => {
  it('are asked for names of the allowed form only', async () => {
    const asked: unknown[] = []
    const find = async (kid: string | undefined) => {
      asked.push(kid)
      return [...Keys.from([{ secret: SECRET }])][0]
    }
    const Reader = ShortlivedTokenMixin(claims, { keys: { find }, clock: () => NOW })
    const named = (kid: unknown) => forge({ header: { alg: 'HS256', typ: 'at+jwt', kid } })
    for (const kid of ['', 'k'.repeat(65), '../x', 'a b', 'é', 1, null, ['a']]) {
      expect(await Reader.tryLoadAsync(named(kid))).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    }
    expect(asked).toEqual([])
    expect(await Reader.loadAsync(named('k'.repeat(64)))).not.toBeNull()
    expect(await Reader.loadAsync(forge())).not.toBeNull()
    expect(asked).toEqual(['k'.repeat(64), undefined])
  })
})
