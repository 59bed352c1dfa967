import type { Algorithm } from './algorithm.ts'
import type { Jwk } from './jwk.ts'

/** The part of Node's `KeyObject` that is looked at. Structural, so that nothing here needs Node's types. */
export interface KeyObjectLike {
  readonly type: string
  readonly asymmetricKeyType?: string | undefined
  readonly asymmetricKeyDetails?:
    | { readonly modulusLength?: number | undefined; readonly namedCurve?: string | undefined }
    | undefined
  export(options: { format: 'jwk' }): object
}

/** The part of the web's `CryptoKey` that is looked at. */
export interface CryptoKeyLike {
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: { readonly name: string }
  readonly usages: readonly string[]
}

/** An asymmetric key as a Node `KeyObject`, a web `CryptoKey` or a JWK. Never a string: nothing is guessed. */
export type AsymmetricKey = KeyObjectLike | CryptoKeyLike | Jwk

/** What a key is made of, for engines. */
export type KeyMaterial =
  | { readonly secret: Uint8Array }
  | { readonly publicKey: AsymmetricKey; readonly privateKey?: AsymmetricKey | undefined }
  /** The public part has to be derived from the private one by the engine. */
  | { readonly publicKey?: undefined; readonly privateKey: AsymmetricKey }

/** What a {@link TokenKey} is made with. */
export interface TokenKeyInit {
  readonly alg: Algorithm
  readonly kid: string | undefined
  readonly notAfter: number | undefined
  readonly signatureLength: number
  readonly material: KeyMaterial
}

/**
 * One key with its one algorithm. Made by `Keys.from` and `loadJwks`; an engine receives it and calls {@link TokenKey.material}.
 * Printing it shows neither a secret nor a private key.
 */
export class TokenKey {
  readonly alg: Algorithm
  readonly kid: string | undefined
  /** The moment the key ends, in milliseconds since 1970. */
  readonly notAfter: number | undefined
  /** The exact number of characters of a signature by this key. */
  readonly signatureLength: number
  readonly canSign: boolean
  readonly #material: KeyMaterial

  constructor({ alg, kid, notAfter, signatureLength, material }: TokenKeyInit) {
    this.alg = alg
    this.kid = kid
    this.notAfter = notAfter
    this.signatureLength = signatureLength
    this.canSign = 'secret' in material || material.privateKey !== undefined
    this.#material = material
    Object.freeze(this)
  }

  /** The key itself, for engines. A method, so that no log of the object shows it: a log may ask getters too. */
  material(): KeyMaterial {
    return this.#material
  }
}
