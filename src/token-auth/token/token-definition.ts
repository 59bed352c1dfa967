import { encodeBase64UrlText } from '../../lib/base64url.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { TokenError } from '../errors/token-error.ts'
import { toKeys } from '../keys/key-source.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { ClaimDefinitions } from './claim.ts'
import { ClaimsCodec, type Payload } from './claims-codec.ts'
import { formatHeader } from './jws-header.ts'
import { defaultExpectations, type Expectations } from './registered-claims.ts'
import type { TokenVerifyOptions } from './token-class.ts'
import { readAudience, readText, readTokenOptions, type TokenOptions, type TokenPolicy } from './token-options.ts'
import type { TokenRejection } from './token-rejection.ts'
import { MOST_TOKEN_CHARACTERS, TokenVerifier } from './token-verifier.ts'

const verifyOptionNames = new Set(['keys', 'issuer', 'audience', 'ignoreExpiry'])

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
  seal(payload: Payload, source: unknown): string {
    const key = signingKey(this.#syncKeys(source, 'dump'), payload)
    const input = this.#input(payload, key)
    return join(input, this.policy.engine.sign(input, key) as string)
  }

  async sealAsync(payload: Payload, source: unknown): Promise<string> {
    const key = signingKey(this.#keysFor(source), payload)
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
        const { keys, acceptShortSecrets } = this.policy
        this.#keys = toKeys(typeof keys === 'function' ? keys() : keys, acceptShortSecrets)
      }
      return this.#keys
    }
    // Bytes can change between two calls and stay the same object.
    if (source instanceof Uint8Array) return toKeys(source, this.policy.acceptShortSecrets)
    if (this.#lastKeys === undefined || source !== this.#lastSource) {
      this.#lastKeys = toKeys(source, this.policy.acceptShortSecrets)
      this.#lastSource = source
    }
    return this.#lastKeys
  }
}

function readExpectations(options: TokenVerifyOptions, fallback: Expectations): Expectations {
  const problems: string[] = []
  if (typeof options !== 'object' || options === null) {
    problems.push('expected an object; a secret is passed as `{ keys: secret }`')
  } else {
    for (const name of Object.keys(options)) {
      if (!verifyOptionNames.has(name)) problems.push(`there is no option \`${name}\``)
    }
  }
  const expected = {
    issuer: readText('issuer', options?.issuer, problems) ?? fallback.issuer,
    audience: readAudience(options?.audience, problems) ?? fallback.audience,
    ignoreExpiry: options?.ignoreExpiry === true,
  }
  assertNoProblems('Options of this call', problems)
  return expected
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

function asyncOnly(method: string, what: string): TypeError {
  return new TypeError(
    `\`${method}()\` cannot be used because ${what} is asynchronous. Call \`await ${method}Async()\`.`,
  )
}
