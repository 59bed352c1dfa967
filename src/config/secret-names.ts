const secret =
  /pass|pwd|secret|token|credential|signature|authorization|jwt|private|(?:api|access|account|signing|encryption|shared)[-_.]?key|^(?:key|sig|auth|pw)$/i

/** Tells whether something of this name is likely a secret. Errs on the side of hiding. */
export function isSecretName(name: string): boolean {
  return secret.test(name)
}
