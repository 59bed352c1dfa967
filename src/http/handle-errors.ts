import { type ErrorOptions, errorResponse } from './error-response.ts'
import { around } from './pipeline.ts'
import type { Outcome, Step } from './pipeline-types.ts'
import { render } from './render.ts'
import type { RequestContext } from './request-context.ts'

/**
 * A step that answers what the rest of the pipeline throws, instead of leaving it to the framework. For routes that need
 * an `onError` of their own, and for `twopi/fetch`, which has no framework below.
 *
 * @param options - `onError` is told of errors with a status from 500 (default: `console.error`)
 *
 * @example
 * ```ts
 * import { handleErrors } from 'twopi/http'
 * import { view } from 'twopi/fetch'
 *
 * const report = handleErrors({ onError: (error, { method, path }) => console.error(method, path, error) })
 * export const GET = view(report, () => ({ ok: true }))
 * ```
 */
export function handleErrors(options: ErrorOptions = {}): Step<RequestContext, object> {
  return around(async ({ request }: RequestContext, next): Promise<Outcome> => {
    try {
      // Written here, so that data which cannot be written counts as an error of this pipeline.
      return render(await next(), request.method)
    } catch (error) {
      return errorResponse(error, { method: request.method, path: request.path }, options)
    }
  })
}
