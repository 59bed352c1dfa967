import type { NextFunction, Request, Response } from 'express'
import { Handled } from '../../http/handled.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'
import { toError } from '../../http/thrown-value.ts'
import { send } from '../node/send.ts'

/** Sends an outcome; a stream that breaks midway is told to Express's error handlers, which find the headers sent. */
export function answer(req: Request, res: Response, next: NextFunction, outcome: Outcome): void {
  const rendered = render(outcome, req.method)
  if (!(rendered instanceof Handled)) send(res, rendered, (error) => next(toError(error)))
}
