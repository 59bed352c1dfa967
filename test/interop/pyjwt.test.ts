import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  type Algorithm,
  claim,
  type KeyEntry,
  Keys,
  publishJwks,
  ShortlivedTokenMixin,
  type TokenOptions,
} from 'twopi/token-auth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SECRET } from '../support/forge-token.ts'

// Tokens cross between twopi and the real PyJWT both ways. The clocks are real: PyJWT has no other.

const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'
const title = 'PyJWT'
const installed = spawnSync(PYTHON, ['-c', 'import jwt, cryptography']).status === 0

const claims = {
  refreshTokenId: claim('rfid', z.string()),
  userId: claim('user_id', z.string()),
  scopes: claim(z.array(z.string())),
}
const attributes = { refreshTokenId: 'session-1', userId: 'ünï', scopes: ['a', 'b'] }
const wire = { rfid: 'session-1', user_id: 'ünï', scopes: ['a', 'b'] }

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pems = ({ publicKey, privateKey }: typeof ec) => ({
  private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})
const keys: Readonly<Record<Algorithm, { entry: KeyEntry; python: { private: string; public: string } }>> = {
  HS256: { entry: { secret: SECRET }, python: { private: SECRET, public: SECRET } },
  ES256: { entry: { privateKey: ec.privateKey }, python: pems(ec) },
  EdDSA: { entry: { privateKey: ed.privateKey }, python: pems(ed) },
  RS256: { entry: { privateKey: rsa.privateKey }, python: pems(rsa) },
}
const algorithms = Object.keys(keys) as Algorithm[]
const tokens = (alg: Algorithm, options: TokenOptions = {}) =>
  class extends ShortlivedTokenMixin(claims, { keys: Keys.from([keys[alg].entry]), ...options }) {}
const seconds = () => Math.floor(Date.now() / 1000)

function suite(name: string, pythonPath: string | undefined): void {
  describe(name, () => {
    let python: ChildProcess
    let lines: Interface

    beforeAll(() => {
      python = spawn(PYTHON, [fileURLToPath(new URL('./pyjwt.py', import.meta.url))], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, ...(pythonPath === undefined ? {} : { PYTHONPATH: pythonPath }) },
      })
      if (python.stdout === null) throw new Error('no standard output')
      lines = createInterface(python.stdout)
    })

    afterAll(async () => {
      python.stdin?.end()
      if (python.exitCode === null) await once(python, 'exit')
    })

    async function ask(request: object): Promise<Record<string, unknown>> {
      python.stdin?.write(`${JSON.stringify(request)}\n`)
      const [line] = await once(lines, 'line')
      return JSON.parse(String(line))
    }

    async function encode(alg: Algorithm, payload: object, headers?: object): Promise<string> {
      return String((await ask({ op: 'encode', payload, key: keys[alg].python.private, alg, headers })).token)
    }

    const decode = (alg: Algorithm, token: string, options = {}) =>
      ask({ op: 'decode', token, key: keys[alg].python.public, alg, options })

    it('is the version the title says', async () => {
      const { version } = await ask({ op: 'version' })
      expect(name).toContain(String(version))
    })

    it.each(algorithms)('reads our %s token', async (alg) => {
      const Token = tokens(alg, { issuer: 'us', audience: ['api'] })
      const raw = new Token({ ...attributes, subject: 's', tokenId: 'j', notBefore: new Date() }).dump()
      const answer = await decode(alg, raw, {
        audience: 'api',
        issuer: 'us',
        options: { require: ['exp', 'iat', 'nbf'] },
      })
      expect(answer).toEqual({
        header: { alg, typ: 'at+jwt' },
        payload: {
          ...wire,
          iss: 'us',
          aud: 'api',
          sub: 's',
          jti: 'j',
          nbf: expect.any(Number),
          iat: expect.any(Number),
          exp: expect.any(Number),
        },
      })
    })

    it.each(algorithms)('makes a %s token that we read, with the type asked for', async (alg) => {
      const payload = { ...wire, iat: seconds(), exp: seconds() + 900 }
      expect({ ...tokens(alg).verify(await encode(alg, payload, { typ: 'at+jwt' })) }).toEqual(attributes)
    })

    it.each(algorithms)('makes a plain %s token that we read only by `compat`', async (alg) => {
      const raw = await encode(alg, { ...wire, iat: seconds(), exp: seconds() + 86_400 })
      expect(tokens(alg).tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_TYPE' })
      expect(tokens(alg, { acceptUntyped: true }).tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_CLAIM', claim: 'exp' })
      expect({ ...tokens(alg, { compat: 'twopi-flask' }).verify(raw) }).toEqual(attributes)
    })

    it('makes a token without an end, with a short secret, that we read by `compat`', async () => {
      const secret = 'supersecret'
      const { token } = await ask({ op: 'encode', payload: wire, key: secret, alg: 'HS256' })
      const Relaxed = class extends ShortlivedTokenMixin(claims, { keys: secret, compat: 'twopi-flask' }) {}
      expect({ ...Relaxed.verify(String(token)) }).toEqual(attributes)
      expect(
        await ask({ op: 'decode', token: new Relaxed(attributes).dump(), key: secret, alg: 'HS256' }),
      ).toMatchObject({ payload: wire })
    })

    it('refuses what we refuse, both ways', async () => {
      const Token = tokens('HS256')
      const now = seconds()
      const cases: readonly { payload: object; code: string; error: string }[] = [
        {
          payload: { ...wire, iat: now - 100, exp: now - 50 },
          code: 'ERR_TOKEN_EXPIRED',
          error: 'ExpiredSignatureError',
        },
        {
          payload: { ...wire, iat: now, exp: now + 60, nbf: now + 50 },
          code: 'ERR_TOKEN_NOT_YET_VALID',
          error: 'ImmatureSignatureError',
        },
        {
          payload: { ...wire, iat: now + 50, exp: now + 60 },
          code: 'ERR_TOKEN_NOT_YET_VALID',
          error: 'ImmatureSignatureError',
        },
        {
          payload: { ...wire, iat: now, exp: now + 60, aud: 'x' },
          code: 'ERR_TOKEN_CLAIM',
          error: 'InvalidAudienceError',
        },
      ]
      for (const { payload, code, error } of cases) {
        const raw = await encode('HS256', payload, { typ: 'at+jwt' })
        expect(Token.tryLoad(raw)).toMatchObject({ code })
        expect(await decode('HS256', raw)).toEqual({ error })
      }
      const raw = new Token(attributes).dump()
      expect(await ask({ op: 'decode', token: raw, key: `${SECRET}!`, alg: 'HS256' })).toEqual({
        error: 'InvalidSignatureError',
      })
      expect(await ask({ op: 'decode', token: raw, key: SECRET, alg: 'HS512' })).toEqual({
        error: 'InvalidAlgorithmError',
      })
    })

    it('finds our keys in the set we publish', async () => {
      const entries = { ES256: ec, EdDSA: ed, RS256: rsa }
      for (const [alg, { privateKey }] of Object.entries(entries)) {
        const signing = Keys.from([
          { kid: alg, privateKey },
          { kid: 'other', publicKey: rsa.publicKey },
        ])
        const Token = class extends ShortlivedTokenMixin(claims, { keys: signing }) {}
        const answer = await ask({
          op: 'decode',
          token: new Token(attributes).dump(),
          key: { jwks: publishJwks(signing) },
          alg,
        })
        expect(answer).toMatchObject({ payload: wire, header: { alg, kid: alg } })
      }
    })
  })
}

function versionOf(pythonPath: string | undefined): string {
  const env = { ...process.env, ...(pythonPath === undefined ? {} : { PYTHONPATH: pythonPath }) }
  return spawnSync(PYTHON, ['-c', 'import jwt; print(jwt.__version__)'], { env }).stdout.toString().trim()
}

/**
 * A folder with the newest PyJWT, or undefined when there is none to be had. PYJWT_PATH names one that is there; in CI it is
 * asked of pip. Elsewhere tests stay off the network.
 */
function newestPyJwt(): string | undefined {
  if (process.env['PYJWT_PATH'] !== undefined) return process.env['PYJWT_PATH']
  if (!process.env['CI']) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'pyjwt-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const pip = spawnSync(
    'pip',
    ['install', '--quiet', '--no-deps', '--disable-pip-version-check', '--target', folder, 'PyJWT'],
    {
      timeout: 60_000,
    },
  )
  return pip.status === 0 ? folder : undefined
}

if (!installed && !process.env['CI']) {
  describe.skip(`${title} (install python3-jwt and python3-cryptography)`, () => {
    it('reads our tokens and makes tokens that we read', () => {})
  })
} else {
  const ours = versionOf(undefined)
  suite(`${title} ${ours}`, undefined)
  const newest = newestPyJwt()
  if (newest !== undefined && versionOf(newest) !== ours) suite(`${title} ${versionOf(newest)}`, newest)
}
