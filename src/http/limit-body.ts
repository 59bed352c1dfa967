import { describeStep } from './describe-step.ts'
import type { RequestContext } from './request-context.ts'

/**
 * A step that sets how many bytes the body of this route may have (default without it: 1 MiB).
 *
 * @param bytes - the limit, in bytes
 * @throws TypeError when it is not a whole number
 *
 * @example
 * ```ts
 * import { limitBody, pipeline } from 'twopi/http'
 *
 * export const upload = pipeline(limitBody(10 * 1_048_576), async ({ request }) => (await request.bytes()).length)
 * ```
 */
export function limitBody(bytes: number): (context: RequestContext) => void {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new TypeError(`\`bytes\` must be a whole number from 0, found ${String(bytes)}`)
  }
  return describeStep(({ request }) => request.limitBody(bytes), { bodyLimit: bytes })
}
