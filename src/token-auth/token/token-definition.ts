import { encodeBase64UrlText } from '../../lib/base64url.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { notSynchronous } from '../engines/not-synchronous.ts'
import { MOST_TOKEN_CHARACTERS, TokenError } from '../errors/token-error.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { ClaimDefinitions } from './claim.ts'
import { ClaimsCodec, type Payload } from './claims-codec.ts'
import { formatHeader } from './jws-header.ts'
import { defaultExpectations, type Expectations } from './registered-claims.ts'
import type { TokenVerifyOptions } from './token-class.ts'
import {
  checkNames,
  readAudience,
  readKeys,
  readText,
  readTokenOptions,
  type TokenOptions,
  type TokenPolicy,
} from './token-options.ts'
import type { TokenRejection } from './token-rejection.ts'
import { TokenVerifier } from './token-verifier.ts'

const verifyOptionNames: ReadonlySet<string> = new Set<keyof TokenVerifyOptions>([
  'keys',
  'issuer',
  'audience',
  'ignoreExpiry',
])
const dumpOptionNames: ReadonlySet<string> = new Set(['keys'])

/** All that a token class knows: its claims, its policy and its keys. */
export class TokenDefinition {
  readonly policy: TokenPolicy
  readonly claims: ClaimsCodec
  readonly #verifier: TokenVerifier
  readonly #expected: Expectations
  readonly #headers = new WeakMap<TokenKey, string>()
  #keys: Keys | AsyncKeys | undefined
  // A secret given with each call is made into a key once, not each time.
  #lastSource: unknown
  #lastKeys: Keys | AsyncKeys | undefined

  constructor(claims: ClaimDefinitions, options: TokenOptions) {
    this.policy = readTokenOptions(claims, options)
    this.claims = new ClaimsCodec(claims)
    this.#verifier = new TokenVerifier(this.policy)
    this.#expected = defaultExpectations(this.policy)
    if (typeof this.policy.keys !== 'function') this.#keys = this.policy.keys
  }

  /** True when only the asynchronous members of the class can be used. */
  get isAsync(): boolean {
    return !this.policy.engine.sync || (this.#keys !== undefined && !(this.#keys instanceof Keys))
  }

  /** @throws TypeError when the engine or the keys are asynchronous */
  open(raw: unknown, options: TokenVerifyOptions | undefined, method: string): Payload | TokenRejection {
    const expected = this.#expectations(options)
    return this.#verifier.verify(raw, this.#syncKeys(options?.keys, method), expected)
  }

  async openAsync(raw: unknown, options: TokenVerifyOptions | undefined): Promise<Payload | TokenRejection> {
    const expected = this.#expectations(options)
    return this.#verifier.verifyAsync(raw, this.#keysFor(options?.keys), expected)
  }

  /**
   * @throws TypeError when the engine is asynchronous, or no key can sign
   * @throws TokenError `ERR_TOKEN_TOO_LARGE`
   */
  seal(payload: Payload, options: object | undefined): string {
    const key = signingKey(this.#syncKeys(dumpKeys(options), 'dump'), payload)
    const input = this.#input(payload, key)
    const { engine } = this.policy
    const signature: unknown = engine.sign(input, key)
    if (typeof signature !== 'string') throw notSynchronous(engine, signature)
    return join(input, signature)
  }

  async sealAsync(payload: Payload, options: object | undefined): Promise<string> {
    const key = signingKey(this.#keysFor(dumpKeys(options)), payload)
    const input = this.#input(payload, key)
    return join(input, await this.policy.engine.sign(input, key))
  }

  #input(payload: Payload, key: TokenKey): string {
    let header = this.#headers.get(key)
    if (header === undefined) {
      header = `${formatHeader(key, this.policy.type)}.`
      this.#headers.set(key, header)
    }
    return header + encodeBase64UrlText(JSON.stringify(payload))
  }

  #expectations(options: TokenVerifyOptions | undefined): Expectations {
    return options === undefined ? this.#expected : readExpectations(options, this.#expected)
  }

  #syncKeys(source: unknown, method: string): Keys {
    const { engine } = this.policy
    if (!engine.sync) throw asyncOnly(method, `the engine \`${engine.name}\``)
    const keys = this.#keysFor(source)
    if (keys instanceof Keys) return keys
    throw asyncOnly(method, 'the key set')
  }

  #keysFor(source: unknown): Keys | AsyncKeys {
    if (source === undefined) {
      if (this.#keys === undefined) {
        const { keys } = this.policy
        this.#keys = this.#read(typeof keys === 'function' ? keys() : keys)
      }
      return this.#keys
    }
    // Bytes can change between two calls and stay the same object.
    if (source instanceof Uint8Array) return this.#read(source)
    if (this.#lastKeys === undefined || source !== this.#lastSource) {
      this.#lastKeys = this.#read(source)
      this.#lastSource = source
    }
    return this.#lastKeys
  }

  #read(source: unknown): Keys | AsyncKeys {
    return readKeys(source, this.policy.acceptShortSecrets, this.policy.engine)
  }
}

function readExpectations(options: TokenVerifyOptions, fallback: Expectations): Expectations {
  const problems: string[] = []
  const { issuer, audience, ignoreExpiry } = checkNames(options, verifyOptionNames, problems)
  const expected = {
    issuer: readText('issuer', issuer, problems) ?? fallback.issuer,
    audience: readAudience(audience, problems) ?? fallback.audience,
    ignoreExpiry: ignoreExpiry === true,
  }
  assertNoProblems('Options of this call', problems)
  return expected
}

function dumpKeys(options: object | undefined): unknown {
  if (options === undefined) return undefined
  const problems: string[] = []
  const { keys } = checkNames<{ readonly keys?: unknown }>(options, dumpOptionNames, problems)
  assertNoProblems('Options of this call', problems)
  return keys
}

function signingKey(keys: Keys | AsyncKeys, { exp }: Payload): TokenKey {
  if (!(keys instanceof Keys)) throw new TypeError('A remote key set cannot sign. Pass `keys` made with Keys.from.')
  return keys.signer(typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY)
}

function join(input: string, signature: string): string {
  const token = `${input}.${signature}`
  if (token.length > MOST_TOKEN_CHARACTERS) throw new TokenError('ERR_TOKEN_TOO_LARGE')
  return token
}

export function asyncOnly(method: string, what: string): TypeError {
  return new TypeError(
    `\`${method}()\` cannot be used because ${what} is asynchronous. Call \`await ${method}Async()\`.`,
  )
}
