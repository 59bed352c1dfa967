import { Handled } from './handled.ts'
import { HttpResponse } from './http-response.ts'
import type { Outcome } from './pipeline-types.ts'
import { Reply } from './reply.ts'

/** Recognises a framework's own response object; undefined for everything else. Each adapter brings its own. */
export type NativeOutcome<C> = (value: unknown, context: C) => Outcome | undefined

/** Tells a finished answer from a step's additions or a view's data. A web `Response` is one on every server. */
export function isOutcome(value: unknown): value is Outcome {
  return value instanceof Reply || value instanceof HttpResponse || value instanceof Handled || isWebResponse(value)
}

/** Also true for a `Response` of another realm or of a server's own faster class. */
function isWebResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Response || (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Response'
}
