/**
 * Short-lived tokens that renew: typed token classes, the steps that ask for them, and the login, renew and logout flow.
 *
 * @module twopi/token-auth
 */

export type { JwsEngine } from './engines/jws-engine.ts'
export { nodeEngine } from './engines/node-engine.ts'
export { AuthError, type AuthErrorCode, type AuthErrorOptions } from './errors/auth-error.ts'
export { RefreshTokenError, type RefreshTokenErrorCode } from './errors/refresh-token-error.ts'
export { TokenClaimError, type TokenClaimReason, TokenError, type TokenErrorCode } from './errors/token-error.ts'
export type { Credentials } from './http/auth-fields.ts'
export {
  type AuthRequiredOptions,
  type AuthRequiredStep,
  authRequired,
  type ScopesRequiredStep,
  type TokenWithScopes,
} from './http/auth-required.ts'
export type { ParseAuthHeaderOptions } from './http/find-token.ts'
export {
  type AuthContext,
  type AuthHeaderStep,
  type ParseTokenOptions,
  type ParseWithLoaderOptions,
  parseAuthHeader,
  type TokenLoader,
  type VerifyingTokenClass,
} from './http/parse-auth-header.ts'
export type { Algorithm } from './keys/algorithm.ts'
export type { Jwk } from './keys/jwk.ts'
export type { Jwks } from './keys/jwks.ts'
export type { JwkEntry, KeyEntry, PrivateKeyEntry, PublicKeyEntry, SecretEntry } from './keys/key-entry.ts'
export type { KeySource } from './keys/key-source.ts'
export { type AsyncKeys, Keys, type KeysOptions } from './keys/keys.ts'
export { loadJwks } from './keys/load-jwks.ts'
export type { Moment } from './keys/moment.ts'
export { publishJwks } from './keys/publish-jwks.ts'
export type { JwksResponse, RemoteJwksOptions, RemoteKeys } from './keys/remote-keys.ts'
export type { AsymmetricKey, CryptoKeyLike, KeyMaterial, KeyObjectLike, TokenKey } from './keys/token-key.ts'
export { createTokenAuth } from './refresh/create-token-auth.ts'
export { MemoryRefreshTokenStore } from './refresh/memory-refresh-token-store.ts'
export type { RefreshToken, RevokeReason, StoredRefreshToken } from './refresh/refresh-token.ts'
export type { RefreshKeySource } from './refresh/refresh-token-keys.ts'
export type { RefreshTokenRevocation, RefreshTokenStore, RefreshTokenUse } from './refresh/refresh-token-store.ts'
export type { TokenAuthEvent } from './refresh/token-auth-event.ts'
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
} from './refresh/token-auth-types.ts'
export {
  type Claim,
  type ClaimDefinitions,
  type ClaimOptions,
  claim,
  type RegisteredClaim,
  type ReservedAttribute,
  type TokenAttributes,
} from './token/claim.ts'
export { defineToken } from './token/define-token.ts'
export {
  type CheckedClaims,
  type FromRefreshTokenIsMissing,
  type ShortlivedTokenClass,
  ShortlivedTokenMixin,
  type TokenConstructor,
  type TokenInit,
} from './token/shortlived-token.ts'
export type { RegisteredInit, ShortlivedTokenBase, TokenDumpOptions } from './token/shortlived-token-base.ts'
export type { TokenClass, TokenOf, TokenVerifyOptions } from './token/token-class.ts'
export type { TokenOptions } from './token/token-options.ts'
export { TokenRejection, type TokenResult } from './token/token-rejection.ts'
