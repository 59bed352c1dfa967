import { isPromiseLike } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'

/** Whether a field refuses to be missing, found by asking it; one that takes its time to answer counts as required. */
export function isRequired(field: StandardSchemaV1): boolean {
  try {
    const result = field['~standard'].validate(undefined)
    if (!isPromiseLike(result)) return result.issues !== undefined
    result.then(undefined, () => undefined)
  } catch {
    // A check of the application that expects a value.
  }
  return true
}
