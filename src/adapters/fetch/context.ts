import type { PathParameters } from '../../http/request.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import { FetchRequest } from './fetch-request.ts'

/** What a view has beside the neutral request: `native`, the web `Request` itself and what the server passed with it. */
export interface FetchContext extends RequestContext {
  readonly native: { readonly request: Request; readonly route: unknown }
}

/** Calls back with the context, at once unless the server's path parameters must be awaited. */
export function withContext<T>(
  request: Request,
  route: unknown,
  use: (context: FetchContext) => MaybePromise<T>,
): MaybePromise<T> {
  const { params = ofRequest(request), incoming } = routeOf(route)
  const create = (settled: unknown): FetchContext => ({
    request: new FetchRequest(request, toParameters(settled), incoming?.rawHeaders),
    native: { request, route },
  })
  return isPromiseLike(params) ? params.then((settled) => use(create(settled))) : use(create(params))
}

/** What servers pass beside the request and we can use; everything else they pass (`env`, `info`, the server) is left alone. */
interface RouteContext {
  /** Next.js gives the path parameters as a promise. */
  readonly params?: unknown
  /** `@hono/node-server` gives Node's own request. */
  readonly incoming?: { readonly rawHeaders: readonly string[] }
}

function routeOf(route: unknown): RouteContext {
  if (typeof route !== 'object' || route === null) return {}
  const { params, incoming } = route as RouteContext
  return Array.isArray(incoming?.rawHeaders) ? { params, incoming } : { params }
}

/** Bun has the path parameters on the request. */
function ofRequest(request: Request): unknown {
  return (request as { readonly params?: unknown }).params
}

function toParameters(params: unknown): PathParameters | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  const parameters: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(params)) {
    // A catch-all route gives a list of segments.
    if (value !== undefined) parameters[name] = Array.isArray(value) ? value.join('/') : String(value)
  }
  return parameters
}
