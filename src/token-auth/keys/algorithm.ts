/**
 * The signature algorithms of RFC 7518 and RFC 8037 that twopi knows. A key has exactly one of them, fixed when the key is
 * made; the header of a token is compared with it and never chooses.
 */
export type Algorithm = 'HS256' | 'ES256' | 'EdDSA' | 'RS256'
