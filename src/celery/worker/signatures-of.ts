import type { SignatureData } from '../protocol/signature-data.ts'

/** The signatures in an option of a signature, which may hold one, several or none. What is no signature is left out. */
export function signaturesOf(value: unknown): readonly SignatureData[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((one) => toSignature(one) ?? [])
}

/** What travels as a signature, with its parts filled in; undefined when it is none. */
export function toSignature(value: unknown): SignatureData | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { task, args, kwargs, options, subtask_type: type, immutable } = value as Partial<Record<string, unknown>>
  if (typeof task !== 'string') return undefined
  return {
    ...value,
    task,
    args: Array.isArray(args) ? args : [],
    kwargs: toRecord(kwargs),
    options: toRecord(options),
    subtask_type: typeof type === 'string' ? type : null,
    immutable: immutable === true,
  }
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
