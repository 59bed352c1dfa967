import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { type Jwk, type JwsEngine, Keys, nodeEngine, ShortlivedTokenMixin, type TokenKey } from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import { describe, expect, it, vi } from 'vitest'
import vectors from '../../fixtures/jose-vectors.json' with { type: 'json' }

interface Vector {
  readonly name: string
  readonly alg: string
  readonly deterministic: boolean
  readonly secret?: string
  readonly jwk?: Jwk
  readonly input: string
  readonly signature: string
}

const engines: readonly JwsEngine[] = [nodeEngine, joseEngine]

function onlyKey(keys: Keys): TokenKey {
  const [key] = keys
  if (key === undefined) throw new Error('no key')
  return key
}

function keyOf({ secret, jwk }: Vector): TokenKey {
  return onlyKey(
    Keys.from([
      secret === undefined ? { jwk: { ...jwk, kid: undefined } } : { secret: Buffer.from(secret, 'base64url') },
    ]),
  )
}

const rows = (vectors as readonly Vector[]).flatMap((vector) =>
  engines.map((engine) => ({ ...vector, engine, vector })),
)

describe('the published example', () => {
  it.each(rows)(
    'of $name verifies with $engine.name, and no change of it does',
    async ({ engine, vector, input, signature }) => {
      const key = keyOf(vector)
      expect(key.alg).toBe(vector.alg)
      expect(key.signatureLength).toBe(signature.length)
      expect(await engine.verify(input, signature, key)).toBe(true)

      const [header = '', payload = ''] = input.split('.')
      const flipped = (text: string, at: number) =>
        text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect(await engine.verify(`${header}.${flipped(payload, 3)}`, signature, key)).toBe(false)
      for (const at of [0, 20, signature.length - 2]) {
        expect(await engine.verify(input, flipped(signature, at), key)).toBe(false)
      }
    },
  )

  it.each(rows.filter(({ deterministic, engine }) => deterministic && engine.sync))(
    'of $name is what $engine.name signs',
    ({ engine, vector, input, signature }) => {
      expect(engine.sign(input, keyOf(vector))).toBe(signature)
    },
  )
})

const pairs = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const webParameters = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
}

type Alg = keyof typeof pairs
const algorithms = Object.keys(pairs) as Alg[]

async function cryptoKeys(alg: Alg) {
  const { publicKey, privateKey } = pairs[alg]
  const load = (jwk: object, use: 'sign' | 'verify') =>
    webcrypto.subtle.importKey('jwk', jwk, webParameters[alg], false, [use])
  return {
    publicKey: await load(publicKey.export({ format: 'jwk' }), 'verify'),
    privateKey: await load(privateKey.export({ format: 'jwk' }), 'sign'),
  }
}

async function forms(alg: Alg) {
  const { publicKey, privateKey } = pairs[alg]
  return {
    'a private KeyObject': onlyKey(Keys.from([{ privateKey }])),
    'both KeyObjects': onlyKey(Keys.from([{ privateKey, publicKey }])),
    'a private JWK': onlyKey(Keys.from([{ jwk: privateKey.export({ format: 'jwk' }) }])),
    'two CryptoKeys': onlyKey(Keys.from([await cryptoKeys(alg)])),
    'a private KeyObject with a public JWK': onlyKey(
      Keys.from([{ privateKey, publicKey: publicKey.export({ format: 'jwk' }) }]),
    ),
  }
}

describe.each(algorithms)('%s', (alg) => {
  const input = 'eyJhbGciOiJ4In0.e30'.replace(
    'eyJhbGciOiJ4In0',
    Buffer.from(JSON.stringify({ alg })).toString('base64url'),
  )

  it('signs with every form of a key on either engine, and the other engine verifies', async () => {
    for (const key of Object.values(await forms(alg))) {
      for (const signing of engines) {
        const signature = await signing.sign(input, key)
        expect(signature).toHaveLength(key.signatureLength)
        for (const verifying of engines) expect(await verifying.verify(input, signature, key)).toBe(true)
      }
    }
  })

  it('verifies with a public key alone, which cannot sign', async () => {
    const signature = await nodeEngine.sign(input, onlyKey(Keys.from([{ privateKey: pairs[alg].privateKey }])))
    const web = await cryptoKeys(alg)
    const jwk = pairs[alg].publicKey.export({ format: 'jwk' })
    for (const entry of [
      { publicKey: pairs[alg].publicKey },
      { publicKey: jwk },
      { jwk },
      { publicKey: web.publicKey },
    ]) {
      const key = onlyKey(Keys.from([entry]))
      expect(key.canSign).toBe(false)
      for (const engine of engines) {
        expect(await engine.verify(input, signature, key)).toBe(true)
        await expect((async () => engine.sign(input, key))()).rejects.toThrow(TypeError)
      }
    }
  })
})

describe('nodeEngine', () => {
  it('refuses at once a key it cannot import', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = onlyKey(Keys.from([{ kid: 'bad', privateKey: pairs.ES256.privateKey, publicKey }]))
    expect(() => nodeEngine.prepare?.(key)).toThrow(/The ES256 key 'bad' cannot be used/)
  })

  it('still verifies after a signature that is longer in bytes than in characters', () => {
    const key = onlyKey(Keys.from([{ secret: 'x'.repeat(32) }]))
    const signature = nodeEngine.sign('a.b', key) as string
    for (const wrong of [
      'é'.repeat(43),
      `${'é'.repeat(21)}a${'b'.repeat(21)}`,
      `${signature.slice(0, 42)}é`,
      `${'\u{1F600}'.repeat(21)}a`,
    ]) {
      expect(nodeEngine.verify('a.b', wrong, key)).toBe(false)
      expect(nodeEngine.verify('a.b', signature, key)).toBe(true)
    }
  })
})

describe('the comparison of an HMAC', () => {
  it('is left to timingSafeEqual, on the whole of both, wherever they differ', () => {
    const compare = vi.spyOn(process.getBuiltinModule('node:crypto'), 'timingSafeEqual')
    const key = onlyKey(Keys.from([{ secret: 'x'.repeat(32) }]))
    const signature = nodeEngine.sign('a.b', key) as string
    for (const wrong of [`~${signature.slice(1)}`, `${signature.slice(0, -1)}~`, '~'.repeat(43)]) {
      expect(nodeEngine.verify('a.b', wrong, key)).toBe(false)
    }
    expect(compare.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([
      [43, 43],
      [43, 43],
      [43, 43],
    ])
    compare.mockRestore()
  })
})

describe('joseEngine', () => {
  it('refuses a private CryptoKey without its public part when the class is made, not with each token', async () => {
    const keys = Keys.from([{ kid: 'k', privateKey: (await cryptoKeys('ES256')).privateKey }])
    expect(() => ShortlivedTokenMixin({}, { keys, engine: joseEngine })).toThrow(
      /The ES256 key 'k' cannot be used to verify/,
    )
    const both = Keys.from([{ kid: 'k', ...(await cryptoKeys('ES256')) }])
    const Token = ShortlivedTokenMixin({}, { keys: both, engine: joseEngine })
    expect(await Token.loadAsync(await new Token({}).dumpAsync())).not.toBeNull()
  })

  it('says that a private CryptoKey has to come with its public part', async () => {
    const { privateKey } = await cryptoKeys('ES256')
    const key = onlyKey(Keys.from([{ kid: 'k', privateKey }]))
    await expect(joseEngine.verify('e30.e30', 'A'.repeat(86), key)).rejects.toMatchObject({
      message: "The ES256 key 'k' cannot be used to verify.",
      cause: expect.objectContaining({ message: expect.stringContaining('give it as `publicKey` too') }),
    })
  })
})
