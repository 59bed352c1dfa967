import type { TestRequest } from '../conformance/http/transport.ts'

/** One request to both sides. */
export interface Sample extends TestRequest {
  /** Which of a table of these it is, for messages. */
  readonly title: string
  /** The row of "What differs from webargs" that explains why the outcomes differ; they must be equal without. */
  readonly differs?: string
  /** The adapters on which they differ; all when not told. */
  readonly only?: readonly string[]
  /** An adapter whose framework answers this before any view, in its own words; the status is the same. */
  readonly ownWords?: string
}

export const FORM = 'application/x-www-form-urlencoded'

/** A POST of JSON, exactly as it is written. */
export function json(path: string, body: string | Uint8Array, type = 'application/json'): TestRequest {
  return { path, method: 'POST', headers: [['content-type', type]], body }
}
