import type { Clock } from './clock.ts'

/** How long it is tried again what could not reach the other side. */
export interface Patience {
  /** Infinity: for ever. */
  readonly maxRetries: number
  /** The first wait; each following one is twice as long. */
  readonly baseMs: number
  readonly maxMs: number
}

/** What {@link keepTrying} needs of its surroundings. */
export interface Trying {
  readonly clock: Clock
  readonly patience: Patience
  /** Aborted when nothing is waited for any more. */
  readonly ended: AbortSignal
  /** Told of every failure that is tried again. */
  readonly onFailure: (error: unknown, tries: number) => void
}

/** What was being tried was given up, though it could have come right. The last failure is the `cause`. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

/** Failures of this kind come right by themselves: the other side could not be reached, or did not answer. */
const PASSING: ReadonlySet<unknown> = new Set([
  'ERR_CELERY_CONNECTION',
  'ERR_CELERY_PUBLISH_UNKNOWN',
  'ERR_CELERY_BACKEND_CONNECTION',
])

/** Tells failures that come right by themselves from those that stay. */
function isPassing(error: unknown): boolean {
  return error instanceof Error && PASSING.has((error as { readonly code?: unknown }).code)
}

/**
 * Tries until it succeeds, as long as it fails only because the other side cannot be reached.
 *
 * @throws GivenUp when the patience or the worker ended; any other failure of the attempt as it is
 */
export async function keepTrying(attempt: () => Promise<void>, trying: Trying): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error)) throw error
      if (trying.ended.aborted || tries > trying.patience.maxRetries) throw new GivenUp('given up', { cause: error })
      trying.onFailure(error, tries)
      await wait(trying, tries, error)
    }
  }
}

function wait({ clock, patience, ended }: Trying, tries: number, cause: unknown): Promise<void> {
  const ms = Math.min(patience.maxMs, patience.baseMs * 2 ** Math.min(tries - 1, 30))
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(ms, () => {
      ended.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      timer.clear()
      reject(new GivenUp('given up', { cause }))
    }
    ended.addEventListener('abort', stop, { once: true })
  })
}
