const longest = 2 ** 31 - 1

/**
 * Waits for an answer, but not for ever.
 *
 * @param milliseconds - until when
 * @param late - makes the error, when the time is over
 */
export function within<T>(promise: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.min(milliseconds, longest))
    timer.unref()
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
