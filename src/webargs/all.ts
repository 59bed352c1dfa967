import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'

/**
 * Does something with each item: all are started before any is awaited, and there is a promise only when one of them is one.
 * When starting one throws, those that run already fail in silence instead of ending the process.
 */
export function all<Item, Result>(
  items: Iterable<Item>,
  start: (item: Item, i: number) => MaybePromise<Result>,
): Result[] | Promise<Result[]> {
  const results: MaybePromise<Result>[] = []
  let waits = false
  try {
    for (const item of items) {
      const result = start(item, results.length)
      waits ||= isPromiseLike(result)
      results.push(result)
    }
  } catch (error) {
    for (const result of results) if (isPromiseLike(result)) result.then(undefined, () => undefined)
    throw error
  }
  return waits ? Promise.all(results) : (results as Result[])
}
