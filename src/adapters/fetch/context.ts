import type { PathParameters } from '../../http/request.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import { FetchRequest } from './fetch-request.ts'

/** What servers pass beside the request: Next.js its path parameters (as a promise), `@hono/node-server` Node's request. */
export interface RouteContext {
  readonly params?: MaybePromise<PathParameters>
  readonly incoming?: { readonly rawHeaders: readonly string[] }
}

/** What a view has beside the neutral request: `native`, the web `Request` itself and what came with it. */
export interface FetchContext extends RequestContext {
  readonly native: { readonly request: Request; readonly route: RouteContext | undefined }
}

/** Calls back with the context, at once unless the server's path parameters must be awaited. */
export function withContext<T>(
  request: Request,
  route: RouteContext | undefined,
  use: (context: FetchContext) => MaybePromise<T>,
): MaybePromise<T> {
  // Bun has them on the request.
  const params = route?.params ?? (request as { readonly params?: PathParameters }).params
  const create = (settled: PathParameters | undefined): FetchContext => ({
    request: new FetchRequest(request, settled, route?.incoming?.rawHeaders),
    native: { request, route },
  })
  return isPromiseLike(params) ? params.then((settled) => use(create(settled))) : use(create(params))
}
