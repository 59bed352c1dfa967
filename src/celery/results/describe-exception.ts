import type { ExceptionData } from '../protocol/task-meta.ts'

/** Longer texts of exceptions are cut: a message is read by people. */
const LONGEST = 2000

/**
 * Reads what a store keeps of a failed task. It is written by others, so nothing about it is certain: what is no exception is
 * read as one without a name of its own.
 */
export function readException(result: unknown): ExceptionData {
  if (typeof result !== 'object' || result === null) {
    return { exc_type: 'Exception', exc_message: result == null ? [] : [result], exc_module: '' }
  }
  const { exc_type: type, exc_message: message, exc_module: module } = result as Partial<Record<string, unknown>>
  return {
    exc_type: typeof type === 'string' && type !== '' ? type : 'Exception',
    exc_message: Array.isArray(message) ? message : message == null ? [] : [message],
    exc_module: typeof module === 'string' ? module : '',
  }
}

/** The exception in one line, as Python would print it: `ValueError: bad, 42`. */
export function describeException({ exc_type: type, exc_message: values }: ExceptionData): string {
  if (values.length === 0) return type
  const text = `${type}: ${values.map(describeValue).join(', ')}`
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? ''
  } catch {
    return '…'
  }
}
