// A turn of the bench is a crowd of tasks, not one call; it may be timed by another process.

/**
 * @param {number} count - tasks of a turn
 * @param {() => Promise<unknown>} run - does them all; may give `{ seconds }` that it measured itself
 * @param {() => Promise<unknown>} [before] - not measured
 * @returns {() => Promise<number>} microseconds of a task
 */
export function turnOf(count, run, before = async () => undefined) {
  return async () => {
    await before()
    const start = performance.now()
    const result = await run()
    const milliseconds = typeof result?.seconds === 'number' ? result.seconds * 1000 : performance.now() - start
    return (milliseconds * 1000) / count
  }
}

/** Asks until it is so, every millisecond. */
export async function pollUntil(isSo, limit = 120_000) {
  const end = performance.now() + limit
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it took longer than two minutes')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
