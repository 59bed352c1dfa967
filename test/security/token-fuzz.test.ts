import { createHmac, generateKeyPairSync, type KeyObject, sign as signRaw } from 'node:crypto'
import fc from 'fast-check'
import { jwtVerify } from 'jose'
import { type Algorithm, claim, type KeyEntry, Keys, ShortlivedTokenMixin, TokenRejection } from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { base64url, forge, GOOD_HEADER, GOOD_PAYLOAD, NOW, NOW_SECONDS, SECRET } from '../support/forge-token.ts'

// Differential fuzzing: whatever we accept, `jose` accepts too when it is told the algorithm, the `typ` and the required
// claims. Where only `jose` accepts, one of the stricter rules listed below must be the reason.

const claims = {
  refreshTokenId: claim('rfid', z.string()),
  userId: claim('user_id', z.string()),
  scopes: claim(z.array(z.string())),
}

interface Pair {
  readonly entry: KeyEntry
  readonly joseKey: KeyObject | Uint8Array
  sign(input: string): string
}

function asymmetric({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Pair {
  const hash = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return {
    entry: { privateKey },
    joseKey: publicKey,
    sign: (input) => base64url(signRaw(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}

const pairs: Readonly<Record<Algorithm, Pair>> = {
  HS256: {
    entry: { secret: SECRET },
    joseKey: Buffer.from(SECRET),
    sign: (input) => createHmac('sha256', SECRET).update(input).digest('base64url'),
  },
  ES256: asymmetric(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  EdDSA: asymmetric(generateKeyPairSync('ed25519')),
  RS256: asymmetric(generateKeyPairSync('rsa', { modulusLength: 2048 })),
}

function tokenClass(entry: KeyEntry) {
  return class extends ShortlivedTokenMixin(claims, { keys: Keys.from([entry]), clock: () => NOW }) {}
}

async function joseAccepts(raw: string, alg: Algorithm, key: KeyObject | Uint8Array): Promise<boolean> {
  try {
    await jwtVerify(raw, key, {
      algorithms: [alg],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat'],
      clockTolerance: 5,
      currentDate: new Date(NOW),
    })
    return true
  } catch {
    return false
  }
}

interface Look {
  readonly raw: string
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
}

const canonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment
const notText = (value: unknown) => value !== undefined && typeof value !== 'string'
const time = (value: unknown) => (typeof value === 'number' ? value : Number.NaN)

/** Where we are stricter than `jose`, each by its reason. */
const stricter: Readonly<Record<string, (look: Look) => boolean>> = {
  'more than 8192 characters': ({ raw }) => raw.length > 8192,
  'more than 2048 characters of header': ({ raw }) => raw.indexOf('.') > 2048,
  'base64url that is not the one canonical text': ({ raw }) => !raw.split('.').every(canonical),
  'a byte order mark': ({ raw }) =>
    raw.split('.').some((part) => Buffer.from(part, 'base64url').toString().startsWith('\uFEFF')),
  'b64, zip, enc or crit in the header': ({ header }) => ['b64', 'zip', 'enc', 'crit'].some((name) => name in header),
  'a kid, where the key has none': ({ header }) => header.kid !== undefined,
  'iat or nbf in the future': ({ payload }) => time(payload.iat) > NOW_SECONDS + 5,
  'a life of more than an hour': ({ payload }) => time(payload.exp) - time(payload.iat) > 3600,
  'a time below zero or beyond all numbers': ({ payload }) =>
    [payload.iat, payload.exp, payload.nbf].some(
      (value) => value !== undefined && !(time(value) >= 0 && time(value) < Infinity),
    ),
  'aud, where nobody says who he is': ({ payload }) => payload.aud !== undefined,
  'iss, sub or jti that is no text': ({ payload }) => [payload.iss, payload.sub, payload.jti].some(notText),
  'a declared claim that its schema refuses': ({ payload }) =>
    !z.object({ rfid: z.string(), user_id: z.string(), scopes: z.array(z.string()) }).safeParse(payload).success,
}

/** A token for each of them that `jose` does accept. */
const examples: Readonly<Record<keyof typeof stricter, string>> = {
  'more than 8192 characters': forge({ payload: { ...GOOD_PAYLOAD, x: 'x'.repeat(9000) } }),
  'more than 2048 characters of header': forge({ header: { ...GOOD_HEADER, x: 'x'.repeat(2048) } }),
  'base64url that is not the one canonical text': `${forge()}=`,
  'a byte order mark': forge({ payload: `\uFEFF${JSON.stringify(GOOD_PAYLOAD)}` }),
  'b64, zip, enc or crit in the header': forge({ header: { ...GOOD_HEADER, zip: 'DEF' } }),
  'a kid, where the key has none': forge({ header: { ...GOOD_HEADER, kid: 'x' } }),
  'iat or nbf in the future': forge({ payload: { ...GOOD_PAYLOAD, iat: NOW_SECONDS + 6 } }),
  'a life of more than an hour': forge({ payload: { ...GOOD_PAYLOAD, exp: NOW_SECONDS + 3601 } }),
  'a time below zero or beyond all numbers': forge({ payload: { ...GOOD_PAYLOAD, iat: -1, exp: NOW_SECONDS + 1 } }),
  'aud, where nobody says who he is': forge({ payload: { ...GOOD_PAYLOAD, aud: 'x' } }),
  'iss, sub or jti that is no text': forge({ payload: { ...GOOD_PAYLOAD, sub: 1 } }),
  'a declared claim that its schema refuses': forge({ payload: { ...GOOD_PAYLOAD, user_id: 42 } }),
}

describe('we are stricter than jose about', () => {
  it.each(Object.keys(stricter))('%s', async (rule) => {
    const raw = examples[rule] ?? ''
    expect(await joseAccepts(raw, 'HS256', pairs.HS256.joseKey)).toBe(true)
    expect(tokenClass(pairs.HS256.entry).load(raw)).toBeNull()
    expect(stricter[rule]?.(look(raw))).toBe(true)
  })
})

function look(raw: string): Look {
  const [header = '', payload = ''] = raw.split('.')
  const read = (segment: string) =>
    JSON.parse(
      Buffer.from(segment, 'base64url')
        .toString()
        .replace(/^\uFEFF/, ''),
    )
  return { raw, header: read(header), payload: read(payload) }
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1,
    1e300,
    '',
    'x',
    [],
    {},
    ['x'],
    NOW_SECONDS,
    NOW_SECONDS + 6,
    String(NOW_SECONDS),
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

const changes = (names: readonly string[]) =>
  fc.dictionary(
    fc.constantFrom(...names, '__proto__', 'constructor'),
    fc.oneof({ weight: 4, arbitrary: odd }, fc.constant(undefined)),
    {
      maxKeys: 2,
    },
  )

const header = fc.oneof(
  fc.constant({}),
  changes(['typ', 'kid', 'crit', 'b64', 'zip', 'enc', 'jwk', 'jku', 'cty', 'x']),
  fc.constantFrom<Record<string, unknown>>(
    { alg: 'none' },
    { alg: 'HS512' },
    { alg: undefined },
    { typ: 'JWT' },
    { typ: 'AT+JWT' },
    { typ: 'application/at+jwt' },
  ),
)

const payload = fc.oneof(
  fc.constant({}),
  changes(['exp', 'iat', 'nbf', 'iss', 'sub', 'aud', 'jti', 'rfid', 'user_id', 'scopes', 'other']),
  fc.record({
    exp: fc.integer({ min: NOW_SECONDS - 20, max: NOW_SECONDS + 4000 }),
    iat: fc.integer({ min: NOW_SECONDS - 1000, max: NOW_SECONDS + 20 }),
    nbf: fc.integer({ min: NOW_SECONDS - 20, max: NOW_SECONDS + 20 }),
  }),
)

/** What is done to the text after it was signed. */
const damage = fc.oneof(
  { weight: 6, arbitrary: fc.constant((raw: string) => raw) },
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom('', 'A', 'B', '=', '+', '/', '-', '_', '.', ' ', '\n', '\u0141', '\u{1F600}'),
      fc.nat(1),
    )
    .map(([at, text, cut]) => (raw: string) => {
      const index = at % (raw.length + 1)
      return raw.slice(0, index) + text + raw.slice(index + cut)
    }),
  fc.constantFrom('', '=', '==', 'A', '.', ' ', '\n').map((end) => (raw: string) => raw + end),
  // The neighbour in the alphabet: other unused bits, the same bytes.
  fc.constant((raw: string) => raw.slice(0, -1) + String.fromCharCode(raw.charCodeAt(raw.length - 1) + 1)),
)

describe.each(Object.keys(pairs) as Algorithm[])('a fuzzed %s token', (alg) => {
  const { entry, joseKey, sign } = pairs[alg]
  const Token = tokenClass(entry)

  it('that we accept is accepted by jose, and one that only jose accepts breaks a listed rule', async () => {
    const seen = { both: 0, jose: 0, neither: 0 }
    await fc.assert(
      fc.asyncProperty(
        header,
        payload,
        damage,
        fc.constantFrom('', '\uFEFF'),
        async (headerChange, payloadChange, change, mark) => {
          const bom = payloadChange === undefined || Object.keys(payloadChange).length > 0 ? '' : mark
          const input = `${base64url(JSON.stringify({ ...GOOD_HEADER, alg, ...headerChange }))}.${base64url(bom + JSON.stringify({ ...GOOD_PAYLOAD, ...payloadChange }))}`
          const raw = change(`${input}.${sign(input)}`)
          const ours = Token.tryLoad(raw)
          const theirs = await joseAccepts(raw, alg, joseKey)
          seen[ours.ok ? 'both' : theirs ? 'jose' : 'neither']++
          if (ours.ok) expect(theirs, `only we accept ${raw}`).toBe(true)
          else if (theirs) {
            const reasons = Object.values(stricter).filter((applies) => applies(look(raw)))
            expect(reasons.length, `no listed rule refuses ${raw} with ${ours.code}`).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 700, seed: 20260820 },
    )
    // The fuzz would prove nothing if it only ever made one kind.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20)
  })
})

describe('a token made of', () => {
  const Token = tokenClass(pairs.HS256.entry)

  it('any text at all is answered, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }).map((parts) => parts.join('.')),
        ),
        (raw) => {
          expect(Token.tryLoad(raw)).toBeInstanceOf(TokenRejection)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('any signed bytes at all is answered, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        (head, body, goodHeader) => {
          expect(Token.tryLoad(forge({ header: goodHeader ? GOOD_HEADER : head, payload: body }))).toBeInstanceOf(
            TokenRejection,
          )
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('any JSON object, signed, gives a token of exactly the declared attributes or a reason', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (extra) => {
        const answer = Token.tryLoad(forge({ payload: { ...extra, ...GOOD_PAYLOAD } }))
        if (answer.ok) expect(Object.keys(answer.token)).toEqual(['refreshTokenId', 'userId', 'scopes'])
      }),
    )
  })
})

describe('what dump makes', () => {
  const attributes = fc.record({
    refreshTokenId: fc.string({ unit: 'binary' }),
    userId: fc.string(),
    scopes: fc.array(fc.string(), { maxLength: 5 }),
  })

  it.each(Object.keys(pairs) as Algorithm[])(
    'with %s is read back the same by us, and accepted by jose',
    async (alg) => {
      const { entry, joseKey } = pairs[alg]
      const Token = tokenClass(entry)
      const OnJose = class extends ShortlivedTokenMixin(claims, {
        keys: Keys.from([entry]),
        clock: () => NOW,
        engine: joseEngine,
      }) {}
      await fc.assert(
        fc.asyncProperty(attributes, async (given) => {
          const raw = new Token(given).dump()
          expect({ ...Token.verify(raw) }).toEqual(given)
          expect(await joseAccepts(raw, alg, joseKey)).toBe(true)
          expect({ ...(await OnJose.verifyAsync(raw)) }).toEqual(given)
          expect({ ...Token.verify(await new OnJose(given).dumpAsync()) }).toEqual(given)
        }),
        { numRuns: 60 },
      )
    },
  )

  it('of any JSON value is read back the same, or is not made', () => {
    const Any = class extends ShortlivedTokenMixin(
      { value: claim('v', z.unknown()) },
      { keys: SECRET, clock: () => NOW },
    ) {}
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true }),
        (value) => {
          let raw: string
          try {
            raw = new Any({ value }).dump()
          } catch (error) {
            expect(error).toMatchObject({ code: 'ERR_TOKEN_CLAIM', claim: 'v' })
            return
          }
          expect(JSON.stringify(Any.verify(raw).value)).toBe(JSON.stringify(value))
        },
      ),
      { numRuns: 1000 },
    )
  })
})
