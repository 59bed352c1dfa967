import { TokenRejection } from './token-rejection.ts'

// Made once: refusing a token allocates nothing.
export const MALFORMED: TokenRejection = new TokenRejection('ERR_TOKEN_MALFORMED')
export const TOO_LARGE: TokenRejection = new TokenRejection('ERR_TOKEN_TOO_LARGE')
export const BAD_SIGNATURE: TokenRejection = new TokenRejection('ERR_TOKEN_SIGNATURE')
export const BAD_ALGORITHM: TokenRejection = new TokenRejection('ERR_TOKEN_ALGORITHM')
export const UNKNOWN_KEY: TokenRejection = new TokenRejection('ERR_TOKEN_UNKNOWN_KEY')
export const EXPIRED: TokenRejection = new TokenRejection('ERR_TOKEN_EXPIRED')
export const NOT_YET_VALID: TokenRejection = new TokenRejection('ERR_TOKEN_NOT_YET_VALID')
export const REFUSED: TokenRejection = new TokenRejection('ERR_TOKEN_REFUSED')
export const BAD_HEADER: TokenRejection = new TokenRejection('ERR_TOKEN_HEADER')
export const BAD_TYPE: TokenRejection = new TokenRejection('ERR_TOKEN_TYPE')
