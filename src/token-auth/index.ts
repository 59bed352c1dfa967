/**
 * Short-lived tokens that renew: typed token classes, the steps that ask for them, and the login, renew and logout flow.
 *
 * @module twopi/token-auth
 */

export type { Algorithm } from './algorithm.ts'
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from './auth-error.ts'
export type { Credentials } from './auth-fields.ts'
export {
  type AuthRequiredOptions,
  type AuthRequiredStep,
  authRequired,
  type ScopesRequiredStep,
  type TokenWithScopes,
} from './auth-required.ts'
export {
  type Claim,
  type ClaimDefinitions,
  type ClaimOptions,
  claim,
  type RegisteredClaim,
  type ReservedAttribute,
  type TokenAttributes,
} from './claim.ts'
export { createTokenAuth } from './create-token-auth.ts'
export { defineToken } from './define-token.ts'
export type { ParseAuthHeaderOptions } from './find-token.ts'
export type { Jwk } from './jwk.ts'
export type { Jwks } from './jwks.ts'
export type { JwsEngine } from './jws-engine.ts'
export type { JwkEntry, KeyEntry, PrivateKeyEntry, PublicKeyEntry, SecretEntry } from './key-entry.ts'
export type { KeySource } from './key-source.ts'
export { type AsyncKeys, Keys, type KeysOptions } from './keys.ts'
export { loadJwks } from './load-jwks.ts'
export { MemoryRefreshTokenStore } from './memory-refresh-token-store.ts'
export type { Moment } from './moment.ts'
export { nodeEngine } from './node-engine.ts'
export {
  type AuthContext,
  type AuthHeaderStep,
  type ParseTokenOptions,
  type ParseWithLoaderOptions,
  parseAuthHeader,
  type TokenLoader,
  type VerifyingTokenClass,
} from './parse-auth-header.ts'
export { publishJwks } from './publish-jwks.ts'
export type { RefreshToken, RevokeReason } from './refresh-token.ts'
export { RefreshTokenError, type RefreshTokenErrorCode } from './refresh-token-error.ts'
export type { RefreshKeySource } from './refresh-token-keys.ts'
export type { RefreshTokenRevocation, RefreshTokenStore, RefreshTokenUse } from './refresh-token-store.ts'
export type { JwksResponse, RemoteJwksOptions, RemoteKeys } from './remote-keys.ts'
export {
  type CheckedClaims,
  type ShortlivedTokenClass,
  ShortlivedTokenMixin,
  type TokenConstructor,
  type TokenInit,
} from './shortlived-token.ts'
export type { RegisteredInit, ShortlivedTokenBase, TokenDumpOptions } from './shortlived-token-base.ts'
export type { TokenAuthEvent } from './token-auth-event.ts'
export type {
  DataOf,
  DumpableToken,
  Login,
  LoginTokens,
  LogoutStatus,
  RenewableTokenClass,
  RenewTokens,
  SessionIdOption,
  TokenAuth,
  TokenAuthOptions,
  TokenAuthPolicy,
} from './token-auth-types.ts'
export type { TokenClass, TokenOf, TokenVerifyOptions } from './token-class.ts'
export { TokenClaimError, type TokenClaimReason, TokenError, type TokenErrorCode } from './token-error.ts'
export type { AsymmetricKey, CryptoKeyLike, KeyMaterial, KeyObjectLike, TokenKey } from './token-key.ts'
export type { TokenOptions } from './token-options.ts'
export { TokenRejection, type TokenResult } from './token-rejection.ts'
