import Negotiator from 'negotiator'
import type { HttpResponse } from '../http/http-response.ts'
import type { HeaderValues } from '../http/reply.ts'

/**
 * Writes what a resource answered, in one media type. It is given the data, the status and the headers, among them the
 * `content-type` it was chosen for, unless that is `application/json` or the reply has one of its own.
 */
export type Representation = (data: unknown, code: number, headers?: HeaderValues) => HttpResponse

/** Representations by media type. The first is for clients that do not care. */
export type Representations = ReadonlyMap<string, Representation>

/** A media type and who writes it. */
export type Chosen = readonly [type: string, representation: Representation]

/**
 * The representation that serves the client best (RFC 9110 §12.5.1): the highest `q`, then the more specific range, then
 * the client's order, then ours. `q=0` refuses.
 *
 * @param accept - the `Accept` header; nothing and an empty one accept anything
 * @returns undefined when the client accepts none of them
 */
export function negotiate(representations: Representations, accept: string | undefined): Chosen | undefined {
  const first: Chosen | undefined = representations.entries().next().value
  if (first === undefined || accept === undefined || accept === '*/*' || accept === first[0]) return first
  if (accept.trim() === '') return first
  const negotiator = new Negotiator({ headers: { accept: withoutCharset(accept) } })
  const type = negotiator.mediaType([...representations.keys()])
  const representation = type === undefined ? undefined : representations.get(type)
  return type === undefined || representation === undefined ? undefined : [type, representation]
}

/** Many clients write `application/json; charset=utf-8`. JSON has no charset (RFC 8259 §11), so it cannot be refused for one. */
function withoutCharset(accept: string): string {
  return accept.replace(/;[ \t]*charset[ \t]*=[ \t]*(?:"[^"]*"|[^;,"]*)/gi, '')
}
