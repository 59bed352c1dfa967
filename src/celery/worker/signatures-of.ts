import { readSignature } from '../protocol/read-signature.ts'
import type { SignatureData } from '../protocol/signature-data.ts'

/** The signatures in an option of a signature, which may hold one, several or none. What is no signature is left out. */
export function signaturesOf(value: unknown): readonly SignatureData[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((one) => {
    try {
      return readSignature(one)
    } catch {
      return []
    }
  })
}
