/** Time, as far as a worker needs it. Tests have one that only moves when told to. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now`: for times that people and other machines gave. */
  now(): number
  /** Milliseconds from some start that never go back: for lengths of time. */
  monotonic(): number
  /** Calls once, after so many milliseconds, at most 2^31 - 1. The process may end meanwhile. */
  setTimer(ms: number, fn: () => void): Timer
  /** Calls after what is waiting in the event loop had its turn. */
  yield(fn: () => void): void
}

/** A call that is still to come. */
export interface Timer {
  /** Nothing is called any more. */
  clear(): void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (ms, fn) => {
    const timer = setTimeout(fn, ms)
    timer.unref()
    return { clear: () => clearTimeout(timer) }
  },
  yield: (fn) => void setImmediate(fn),
}
