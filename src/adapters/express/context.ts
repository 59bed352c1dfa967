import type { NextFunction, Request, Response } from 'express'
import { Handled } from '../../http/handled.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { NodeRequest } from '../node/node-request.ts'

/** What a view on Express has beside the neutral request: `native`, for when Express's own power is wanted. */
export interface ExpressContext extends RequestContext {
  readonly native: { readonly req: Request; readonly res: Response; readonly next: NextFunction }
}

export function createContext(req: Request, res: Response, next: NextFunction): ExpressContext {
  const request = new NodeRequest({
    message: req,
    response: res,
    url: req.originalUrl,
    params: req.params,
    body: req.body,
  })
  return { request, native: { req, res, next } }
}

/** A view that returns Express's `res` answers by itself; so has one that returns nothing after `res.json(…)`. */
export function nativeOutcome(value: unknown, { native }: ExpressContext): Outcome | undefined {
  return value === native.res || (value === undefined && native.res.headersSent)
    ? new Handled(value, native.res.statusCode)
    : undefined
}
