import { generateKeyPairSync } from 'node:crypto'
import { claim, Keys, ShortlivedTokenMixin, type TokenOptions } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { forge, GOOD_PAYLOAD, NOW, NOW_SECONDS, SECRET } from '../../support/forge-token.ts'

const claims = { userId: claim('user_id', z.string()) }
const clock = () => NOW

describe('the options of a token class', () => {
  it('are all reported at once when the class is defined', () => {
    const define = () =>
      ShortlivedTokenMixin(
        {
          exp: claim(z.string()),
          a: claim('sub' as never, z.string()),
          b: claim('x', z.string()),
          c: claim('x', z.string()),
          d: 1,
          toString: claim(z.string()),
          f: claim('constructor', z.string()),
        } as never,
        {
          keys: 'short',
          issuer: '',
          audience: ['a', ''],
          type: 'application json',
          lifetime: '2 hours',
          maxLifetime: '1 hour',
          clockTolerance: 61,
          engine: {} as never,
          clock: 1 as never,
          compat: 'python' as never,
          secrets: 'x',
        } as TokenOptions,
      )
    expect(define).toThrow(
      new TypeError(
        `Token options: 18 problems
  - the attribute \`exp\` is reserved; choose another name
  - \`exp\` redeclares the claim "exp", which twopi reads and writes itself
  - \`a\` redeclares the claim "sub", which twopi reads and writes itself
  - \`b\` and \`c\` have the same name on the wire
  - \`d\` must be a \`claim()\` with a Standard Schema (zod, valibot, arktype)
  - the attribute \`toString\` is reserved; choose another name
  - \`toString\` needs another name on the wire
  - \`f\` needs another name on the wire
  - there is no option \`secrets\`
  - \`compat\` must be 'twopi-flask'
  - \`type\` must be a media type without 'application/', such as 'at+jwt'
  - \`clock\` must be a function
  - \`engine\` must have \`sign\` and \`verify\`
  - \`issuer\` must be a text that is not empty
  - \`audience\` must be a text or a list of texts, none of them empty
  - \`lifetime\` must be from 1 to 3600 seconds, found 7200
  - \`clockTolerance\` must be from 0 to 60 seconds, found 61
  - Token keys: a secret must have at least 32 bytes, found 5. Make one with: node -p "require('node:crypto').randomBytes(32).toString('base64url')"`.replace(
          '18 problems',
          '18 problems',
        ),
      ),
    )
  })

  it('may all be undefined', () => {
    const options: { readonly [Name in keyof TokenOptions]: undefined } = {
      keys: undefined,
      issuer: undefined,
      audience: undefined,
      type: undefined,
      lifetime: undefined,
      maxLifetime: undefined,
      clockTolerance: undefined,
      engine: undefined,
      clock: undefined,
      acceptUntyped: undefined,
      acceptMissingExpiry: undefined,
      acceptMissingIssuedAt: undefined,
      acceptShortSecrets: undefined,
      compat: undefined,
    }
    expect(() => ShortlivedTokenMixin(claims, options)).not.toThrow()
  })

  it('are one line when a secret is given in their place', () => {
    for (const wrong of [SECRET, Buffer.from(SECRET), Keys.from([{ secret: SECRET }]), null]) {
      expect(() => ShortlivedTokenMixin(claims, wrong as TokenOptions)).toThrow(
        new TypeError(
          'Token options: expected an object of options; keys or a secret are passed as `{ keys: secret }`',
        ),
      )
    }
  })

  it('want life times in whole seconds', () => {
    for (const options of [{ maxLifetime: 1.5 }, { maxLifetime: '1500 milliseconds' }, { lifetime: 90.5 }] as const) {
      expect(() => ShortlivedTokenMixin(claims, { keys: SECRET, ...options })).toThrow(/must be whole seconds, found /)
    }
    expect(() => ShortlivedTokenMixin(claims, { keys: SECRET, maxLifetime: '2000 milliseconds' })).not.toThrow()
    expect(() => ShortlivedTokenMixin(claims, { keys: SECRET, clockTolerance: 0.5 })).not.toThrow()
  })

  it('want an engine that says whether it is synchronous', () => {
    const engine = { name: 'own', sign: () => '', verify: () => true } as never
    expect(() => ShortlivedTokenMixin(claims, { keys: SECRET, engine })).toThrow(/`engine` must say in `sync`/)
  })

  it('find a key that the engine cannot import, also in keys that come from a function', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { publicKey } = generateKeyPairSync('ed25519')
    const keys = Keys.from([{ kid: 'two', privateKey, publicKey }])
    expect(() => ShortlivedTokenMixin(claims, { keys })).toThrow(/The EdDSA key 'two' cannot be used/)
    const Late = ShortlivedTokenMixin(claims, { keys: () => keys })
    expect(() => new Late({ userId: '1' }).dump()).toThrow(/The EdDSA key 'two' cannot be used/)
  })

  it('refuse a schema that is asynchronous by any thenable', () => {
    const schema = { '~standard': { version: 1, vendor: 'x', validate: thenable } }
    expect(() => ShortlivedTokenMixin({ a: claim(schema as never) }, { keys: SECRET })).toThrow(
      /schema of `a` is asynchronous/,
    )
  })

  it('refuse a schema that is asynchronous for any value', () => {
    const schema = z.any().refine(async () => true)
    expect(() => ShortlivedTokenMixin({ a: claim(schema) }, { keys: SECRET })).toThrow(/schema of `a` is asynchronous/)
  })

  it.each(['0 seconds', -1, Number.NaN, '1 fortnight', Number.POSITIVE_INFINITY])(
    'refuse %j as maxLifetime',
    (maxLifetime) => {
      expect(() => ShortlivedTokenMixin(claims, { keys: SECRET, maxLifetime: maxLifetime as never })).toThrow(
        /maxLifetime/,
      )
    },
  )

  it('keep kinds of tokens apart by `type`', () => {
    const Access = ShortlivedTokenMixin(claims, { keys: SECRET, clock })
    const Invite = ShortlivedTokenMixin(claims, { keys: SECRET, clock, type: 'invite+jwt' })
    const raw = new Invite({ userId: '1' }).dump()
    expect(Invite.load(raw)?.userId).toBe('1')
    expect(Access.tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_TYPE' })
    expect(Invite.tryLoad(new Access({ userId: '1' }).dump())).toMatchObject({ code: 'ERR_TOKEN_TYPE' })
  })
})

// What the Python package made, and which single option each needs.
const without = (name: string) =>
  forge({ payload: Object.fromEntries(Object.entries(GOOD_PAYLOAD).filter(([key]) => key !== name)) })
const relaxations: readonly { readonly what: string; readonly raw: string; readonly options: TokenOptions }[] = [
  { what: 'typ JWT', raw: forge({ header: { alg: 'HS256', typ: 'JWT' } }), options: { acceptUntyped: true } },
  { what: 'no typ', raw: forge({ header: { alg: 'HS256' } }), options: { acceptUntyped: true } },
  { what: 'no exp', raw: without('exp'), options: { acceptMissingExpiry: true } },
  { what: 'no iat', raw: without('iat'), options: { acceptMissingIssuedAt: true } },
  {
    what: 'a life of a day',
    raw: forge({ payload: { ...GOOD_PAYLOAD, exp: NOW_SECONDS + 86_400 } }),
    options: { maxLifetime: 'unlimited' },
  },
]

describe('a relaxation', () => {
  const accepts = (options: TokenOptions, raw: string) =>
    ShortlivedTokenMixin(claims, { keys: SECRET, clock, ...options }).load(raw) !== null

  it.each(relaxations)('lets $what through by its own option, by `compat`, and by no other', ({ raw, options }) => {
    expect(accepts({}, raw)).toBe(false)
    expect(accepts(options, raw)).toBe(true)
    expect(accepts({ compat: 'twopi-flask' }, raw)).toBe(true)
    for (const other of relaxations) {
      if (JSON.stringify(other.options) !== JSON.stringify(options)) expect(accepts(other.options, raw)).toBe(false)
    }
  })

  it('that is set apart wins over `compat`', () => {
    const [typ, , exp, iat, life] = relaxations as [(typeof relaxations)[0], ...typeof relaxations]
    expect(accepts({ compat: 'twopi-flask', acceptUntyped: false }, typ.raw)).toBe(false)
    expect(accepts({ compat: 'twopi-flask', acceptMissingExpiry: false }, exp?.raw ?? '')).toBe(false)
    expect(accepts({ compat: 'twopi-flask', acceptMissingIssuedAt: false }, iat?.raw ?? '')).toBe(false)
    expect(accepts({ compat: 'twopi-flask', maxLifetime: '1 hour' }, life?.raw ?? '')).toBe(false)
    expect(() =>
      ShortlivedTokenMixin(claims, { keys: 'supersecret', compat: 'twopi-flask', acceptShortSecrets: false }),
    ).toThrow(/32 bytes/)
  })

  it('of the secret takes short ones wherever keys are made, but never an empty one', () => {
    const raw = forge({ secret: 'supersecret' })
    expect(() => ShortlivedTokenMixin(claims, { keys: 'supersecret' })).toThrow(/32 bytes/)
    expect(accepts({ keys: 'supersecret', acceptShortSecrets: true }, raw)).toBe(true)
    expect(accepts({ keys: () => 'supersecret', compat: 'twopi-flask' }, raw)).toBe(true)
    const keys = Keys.from([{ secret: 'supersecret' }], { acceptShortSecrets: true })
    expect(accepts({ keys }, raw)).toBe(true)
    expect(() => Keys.from([{ secret: '' }], { acceptShortSecrets: true })).toThrow(/must not be empty/)
  })

  it('does not open the other checks', () => {
    const relaxed = ShortlivedTokenMixin(claims, { keys: SECRET, clock, compat: 'twopi-flask' })
    const refused = [
      [forge({ header: { alg: 'none' } }), 'ERR_TOKEN_ALGORITHM'],
      [forge({ header: { alg: 'HS256', typ: 'refresh+jwt' } }), 'ERR_TOKEN_TYPE'],
      [forge({ header: { alg: 'HS256', crit: ['x'] } }), 'ERR_TOKEN_HEADER'],
      [forge({ payload: { ...GOOD_PAYLOAD, exp: 'never' } }), 'ERR_TOKEN_CLAIM'],
      [forge({ payload: '{"user_id":"1","exp":1e400}' }), 'ERR_TOKEN_CLAIM'],
      [forge({ payload: { ...GOOD_PAYLOAD, iat: NOW_SECONDS - 99, exp: NOW_SECONDS - 9 } }), 'ERR_TOKEN_EXPIRED'],
      [forge({ payload: { user_id: 1 } }), 'ERR_TOKEN_CLAIM'],
    ] as const
    for (const [raw, code] of refused) expect(relaxed.tryLoad(raw)).toMatchObject({ code })
  })

  it('of the end gives a token without an end', () => {
    const Token = ShortlivedTokenMixin(claims, { keys: SECRET, clock, acceptMissingExpiry: true })
    const token = Token.verify(without('exp'))
    expect(token.expiry).toBeUndefined()
    expect(token.issuedAt).toEqual(new Date(NOW))
  })

  it('of the time of issue still limits the life, counted from the present', () => {
    const Token = ShortlivedTokenMixin(claims, { keys: SECRET, clock, acceptMissingIssuedAt: true })
    expect(Token.load(forge({ payload: { user_id: '1', exp: NOW_SECONDS + 3600 } }))).not.toBeNull()
    expect(Token.tryLoad(forge({ payload: { user_id: '1', exp: NOW_SECONDS + 3601 } }))).toMatchObject({
      claim: 'exp',
      reason: 'rejected',
    })
  })
})

// biome-ignore lint/suspicious/noThenProperty: what is no Promise, but is awaited like one
const thenable = () => ({ then: (resolve: (value: object) => void) => resolve({ issues: [] }) })
