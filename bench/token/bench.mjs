// What do load() and dump() cost beside the bare operation, and beside the libraries people use?
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { ratio, summary } from '../lib/compare.mjs'
import { microseconds, times } from '../lib/report.mjs'
import { claimsOf, names, rawReader, rawVerifier, readers, tokenClass, writers } from './contenders.mjs'
import { base64url, claims, expired, forged, headerOf, inTurn, secretKey, signed } from './tokens.mjs'

const { RAW, VERIFY, LOAD, DUMP, FAST_JWT, JSONWEBTOKEN, JOSE } = names
const columns = [microseconds, times]

export const packages = ['zod', 'fast-jwt', 'jsonwebtoken', 'jose']

export async function questions() {
  return [
    await readHs256(),
    await writeHs256(),
    await readAsymmetric('ES256'),
    await readAsymmetric('EdDSA'),
    await readAsymmetric('RS256'),
    hostile(),
  ]
}

async function readHs256() {
  return {
    title: 'HS256, reading',
    base: RAW,
    columns,
    contenders: await provenReaders('HS256'),
    goals: [
      { text: '`load()` takes at most 1.4 × raw', measure: (all) => ratio(all, LOAD, RAW), most: 1.4 },
      { text: 'fast-jwt takes longer', measure: (all) => ratio(all, FAST_JWT, LOAD), least: 1 },
      {
        text: 'jsonwebtoken takes at least 1.5 × as long',
        measure: (all) => ratio(all, JSONWEBTOKEN, LOAD),
        least: 1.5,
      },
      {
        text: 'jose takes at least 6 × as long',
        measure: (all) => ratio(all, JOSE, LOAD),
        least: 6,
        why: 'most of its time goes into waking another thread up, which takes far longer on a machine that is idle than on one that is busy, as this one was.',
      },
    ],
  }
}

async function writeHs256() {
  return {
    title: 'HS256, writing',
    base: RAW,
    columns,
    contenders: await provenWriters(),
    goals: [{ text: '`dump()` takes at most 1.5 × raw', measure: (all) => ratio(all, DUMP, RAW), most: 1.5 }],
  }
}

async function readAsymmetric(alg) {
  const verify = rawVerifier(alg)
  const good = claims.map((payload) => {
    const [header, body, signature] = signed(alg, payload, 'der').split('.')
    return { input: Buffer.from(`${header}.${body}`), signature: Buffer.from(signature, 'base64url') }
  })
  const run = inTurn(good, ({ input, signature }) => verify(input, signature))
  assert.ok(good.every(run) && !verify(good[0].input, good[1].signature))
  return {
    title: `${alg}, reading`,
    base: RAW,
    columns,
    contenders: [{ name: VERIFY, run }, ...(await provenReaders(alg))],
    goals: [{ text: '`load()` takes at most 1.15 × raw', measure: (all) => ratio(all, LOAD, RAW), most: 1.15 }],
  }
}

/** The readers, once each has read all tokens as the others do and refused a forged and an expired one. */
async function provenReaders(alg) {
  const contenders = []
  for (const [name, read] of Object.entries({ [RAW]: rawReader(alg), ...(await readers(alg)) })) {
    const encoding = name === RAW ? 'der' : 'ieee-p1363'
    const tokens = claims.map((payload) => signed(alg, payload, encoding))
    const found = await Promise.all(tokens.map(async (token) => claimsOf(await read(token))))
    assert.deepEqual(found, claims, `${name} misreads a token`)
    for (const bad of [forged(alg, encoding), expired(alg, encoding)]) {
      await assert.rejects(async () => await read(bad), Error, `${name} accepts a bad token`)
    }
    contenders.push({ name, run: inTurn(tokens, read) })
  }
  return contenders
}

/** The writers, once the raw reader has read what each of them writes. */
async function provenWriters() {
  const read = rawReader('HS256')
  const contenders = []
  for (const [name, write] of Object.entries(writers())) {
    for (const payload of claims) {
      const { iat, ...others } = read(await write(payload))
      const { iat: before, ...expected } = payload
      assert.deepEqual(others, expected, `${name} writes other claims`)
      assert.ok(iat >= before && iat <= Date.now() / 1000, `${name} writes another \`iat\``)
    }
    contenders.push({ name, run: inTurn(claims, write) })
  }
  return contenders
}

const hmac = (text) => createHmac('sha256', secretKey).update(text).digest('base64url')

/** Tokens that cost an attacker nothing to make. */
function hostile() {
  const Token = tokenClass('HS256')
  const good = claims.map((payload) => signed('HS256', payload))
  const longest = 8192
  const fill = (start) => {
    const end = good[0].slice(good[0].lastIndexOf('.'))
    return start + 'A'.repeat(longest - start.length - end.length) + end
  }
  const headerWith = (value) => `${base64url(`{"alg":"HS256","typ":"JWT","x":${value}}`)}.`
  const FORGED = 'forged, 8 KB'
  const attacks = {
    [FORGED]: fill(headerOf('HS256')),
    'forged, 8 KB, 2 KB of it an unknown header': fill(headerWith(`"${'x'.repeat(1495)}"`)),
    'forged, 8 KB, 2 KB of it a deep header': fill(headerWith('['.repeat(745) + ']'.repeat(745))),
    'one segment of 8 KB': 'A'.repeat(longest),
    '1 MB': 'A'.repeat(1 << 20),
  }
  assert.ok(good.every((token) => Token.load(token) !== null))
  for (const [name, text] of Object.entries(attacks)) assert.equal(Token.load(text), null, `${name} is accepted`)
  return {
    title: 'HS256, hostile tokens',
    base: 'good',
    columns: [microseconds, { ...times, head: '× good' }],
    contenders: [
      { name: 'good', run: inTurn(good, (token) => Token.load(token)) },
      ...Object.entries(attacks).map(([name, text]) => ({ name, run: () => Token.load(text) })),
      { name: '`createHmac` over 8 KB alone', run: () => hmac(attacks[FORGED]) },
    ],
    goals: [
      {
        text: 'forged, 8 KB: at most 1.5 × a good token',
        measure: (all) => ratio(all, FORGED, 'good'),
        most: 1.5,
        why: 'nearly all of it is the HMAC of the 8 KB (last row), and that alone takes about 1.4 × a good token.',
      },
      { text: '1 MB: refused in less than 100 µs', measure: (all) => summary(all.get('1 MB')), most: 100, unit: 'µs' },
    ],
  }
}
