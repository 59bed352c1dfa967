const secret =
  /pass|pwd|secret|token|credential|signature|authorization|jwt|private|(?:api|access|account|signing|encryption|shared)[-_.]?key|^(?:key|sig|auth|pw)$/i

/** Tells whether something of this name is likely a secret. Errs on the side of hiding. */
export function isSecretName(name: string): boolean {
  return secret.test(name)
}

/*
 * What lets its holder in only as a part of a URL: a session's id, a code that is traded for a token. As a key of a
 * configuration the same words mean something else (`session: { ttl }`, `code`, Twilio's `accountSid`).
 */
const parameter =
  /^(?:sid|connect\.sid|(?:j|php|asp\.net_)?sess(?:ion)?(?:[-_.]?id)?|code|code[-_]?verifier|t?otp|(?:client[-_]?)?assertion|saml(?:response|art))$/i

/** Tells whether a parameter of this name in a URL is likely a secret. `error_code` and `code_challenge` are none. */
export function isSecretParameter(name: string): boolean {
  return secret.test(name) || parameter.test(name)
}
