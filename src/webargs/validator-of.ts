import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'

/** Asks a schema about a value. */
export type Validate = (value: unknown) => MaybePromise<StandardSchemaV1.Result<unknown>>

/** What zod's own asynchronous parse gives. */
interface ZodResult {
  readonly success: boolean
  readonly data?: unknown
  readonly error?: StandardSchemaV1.FailureResult
}

/**
 * The function that asks a schema, taken once at set-up: some libraries make `~standard` anew whenever it is asked for.
 *
 * zod finds out that a check takes its time by running it, throws that run away and starts again; what the first run rejects
 * with nobody hears, which ends the process. So a schema of zod that was found to take its time is from then on asked by
 * zod's own `safeParseAsync`, which runs each check once.
 */
export function validatorOf(schema: StandardSchemaV1): Validate {
  const standard = schema['~standard']
  const { safeParseAsync } = schema as { readonly safeParseAsync?: unknown }
  if (standard.vendor !== 'zod' || typeof safeParseAsync !== 'function') return (value) => standard.validate(value)
  const parseAsync = safeParseAsync.bind(schema) as (value: unknown) => Promise<ZodResult>
  let takesTime = false
  return (value) => {
    if (takesTime) return parseAsync(value).then(toResult)
    const result = standard.validate(value)
    takesTime = isPromiseLike(result)
    return result
  }
}

function toResult({ success, data, error }: ZodResult): StandardSchemaV1.Result<unknown> {
  return success || error === undefined ? { value: data } : { issues: error.issues }
}
