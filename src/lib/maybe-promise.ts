/** A value, or a promise of it: what lets a pipeline without asynchronous steps stay free of promises. */
export type MaybePromise<T> = T | PromiseLike<T>

/** Tells whether a value must be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Leaves a promise to itself, when nobody waits for it any more: what it comes to is no unhandled rejection. */
export function forget(promise: PromiseLike<unknown>): void {
  const ignore = () => undefined
  try {
    promise.then(ignore, ignore)
  } catch {
    // What is no Promise may throw in its `then`.
  }
}
