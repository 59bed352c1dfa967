import type { Context } from 'hono'
import type { RequestContext } from '../../http/request-context.ts'
import { FetchRequest } from '../fetch/fetch-request.ts'

/** What a view on Hono has beside the neutral request: `native`, Hono's own context. */
export interface HonoContext extends RequestContext {
  readonly native: Context
}

export function createContext(c: Context): HonoContext {
  // On `@hono/node-server` the lines are there as they came; elsewhere repeated ones have been joined already.
  const incoming: { readonly rawHeaders?: readonly string[] } | undefined = c.env?.incoming
  return { request: new FetchRequest(c.req.raw, c.req.param(), incoming?.rawHeaders), native: c }
}
