import type { RequestContext } from '../http/request-context.ts'
import type { Representations } from './representation.ts'

/** One method of a resource: a plain method, or a property made by `pipeline(step, …, view)`. */
export type ResourceMethod<C extends RequestContext = RequestContext> = (context: C) => unknown

/** What an `Api` looks for in a resource. HEAD and OPTIONS are answered without being written. */
export interface ResourceMethods<C extends RequestContext = RequestContext> {
  readonly get?: ResourceMethod<C>
  readonly post?: ResourceMethod<C>
  readonly put?: ResourceMethod<C>
  readonly patch?: ResourceMethod<C>
  readonly delete?: ResourceMethod<C>
  /** Without it, HEAD is answered by `get`. */
  readonly head?: ResourceMethod<C>
  /** Without it, OPTIONS is answered with 204 and `Allow`. */
  readonly options?: ResourceMethod<C>
}

/**
 * The base of a class with a method per HTTP verb: `get`, `post`, `put`, `patch`, `delete`. Each takes the context and
 * returns data, a reply or a response, as any view does; per-method steps go before the view in a `pipeline`.
 *
 * One instance serves all requests: what belongs to one request is in the context, not in `this`.
 *
 * @example
 * ```ts
 * import { pipeline, reply, type RequestContext } from 'twopi/http'
 * import { abort, Resource } from 'twopi/restful'
 *
 * const rooms = new Map([['1', { id: '1', name: 'Library' }]])
 * const named = async ({ request }: RequestContext) => ({ name: (await request.form()).get('name') ?? abort(400, 'No name.') })
 *
 * export class Room extends Resource {
 *   get({ request }: RequestContext) {
 *     return rooms.get(request.params['id'] ?? '') ?? abort(404, 'No such room.')
 *   }
 *
 *   put = pipeline(named, ({ request, name }) => {
 *     const id = request.params['id'] ?? ''
 *     rooms.set(id, { id, name })
 *     return reply({ id, name }, 201)
 *   })
 * }
 * ```
 */
export abstract class Resource {
  /** Representations of this resource alone, instead of the Api's. */
  readonly representations?: Representations | undefined
}
