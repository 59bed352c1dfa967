import { aroundStep } from '../lib/around.ts'
import type { RunOptions, SessionHost } from './db-session.ts'

/** What the step needs of a request. Structural, so that a worker with a database loads no web code. */
export interface SessionContext {
  readonly request: {
    readonly method: string
    readonly path: string
    /** Aborted when the client has gone. */
    readonly signal: AbortSignal
  }
}

/** How requests use their session. */
export interface WithSessionOptions {
  /** Replies with this status or a higher one roll back. Default 400; 600 commits every reply. */
  readonly rollbackFrom?: number | undefined
  /** The request only reads. Default false. */
  readonly readOnly?: boolean | undefined
}

interface Outcome {
  readonly status: number
}

/** Carries an outcome that must not be committed through the host, which rolls back for what is thrown. */
class Undone {
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    this.outcome = outcome
  }
}

/**
 * A step that gives each request a session. It commits when the rest of the pipeline is done and before the response's
 * headers leave, so a client never hears of what is not stored, and a commit that fails is the response's error. It rolls
 * back when something is thrown, when the reply's status is 400 or higher, and, at once, when the client has gone.
 *
 * A stream is sent after the commit: what produces it must open a scope of its own with `db.run`.
 *
 * @param host - what `createDbSession` made, or anything with its `run`
 * @param options - which replies roll back
 * @throws TypeError when `rollbackFrom` is not a status
 *
 * @example
 * ```ts
 * import { createDbSession, withSession } from 'twopi/db'
 * import { view } from 'twopi/fetch'
 *
 * const db = createDbSession<{ classes: { name: string } }>(process.env)
 * export const GET = view(withSession(db), () => db.session().selectFrom('classes').selectAll().execute())
 * ```
 */
export function withSession(host: SessionHost, options: WithSessionOptions = {}): (context: SessionContext) => object {
  const { rollbackFrom = 400, readOnly } = options
  if (!Number.isInteger(rollbackFrom) || rollbackFrom < 100 || rollbackFrom > 600) {
    throw new TypeError(`\`rollbackFrom\` must be a status from 100 to 600, found ${String(rollbackFrom)}`)
  }
  return aroundStep('withSession', async ({ request }: SessionContext, next: () => Outcome | PromiseLike<Outcome>) => {
    // Asked for before anything waits: some servers tell of a lost client only those who have asked.
    const { method, path, signal } = request
    const scope: RunOptions = { name: `${method} ${path}`, readOnly, signal }
    try {
      return await host.run(async () => {
        const outcome = await next()
        if (signal.aborted || outcome.status >= rollbackFrom) throw new Undone(outcome)
        return outcome
      }, scope)
    } catch (error) {
      if (error instanceof Undone) return error.outcome
      throw error
    }
  })
}
