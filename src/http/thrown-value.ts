/** Carries a thrown value that is no `Error` through a framework that takes it for something else, or for nothing. */
class ThrownValue extends Error {
  constructor(value: unknown) {
    super('Something was thrown that is not an Error.', { cause: value })
  }
}

/**
 * What may be handed to a framework as an error. `next(undefined)` goes on as if nothing had happened, `next('route')` skips,
 * and a thrown object is a reply on Fastify, so everything that is not an `Error` is wrapped.
 */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ThrownValue(thrown)
}

/** What was thrown, unwrapped. */
export function thrownValue(error: unknown): unknown {
  return error instanceof ThrownValue ? error.cause : error
}
