import type { Engine, EngineConnection } from './engine.ts'
import { errorCode, isHungUp } from './error-code.ts'
import { DbError, DbPoolTimeoutError } from './errors.ts'
import { drawJitter, isWornOut, recyclePolicy } from './recycle.ts'

// One pool for every driver, because what matters here is what the drivers' own pools do not have: connections that are
// too old or were idle for too long are thrown away when they are asked for and not by a timer, which a busy event loop
// delays beyond the server's patience; and a time-out that says who holds the connections.
//
// A connection is opening, idle, held, or gone; `#size` counts the first three. Who waits is served in order of arrival,
// by whatever connection comes first: one given back or one newly opened.

export interface PoolOptions {
  readonly max: number
  readonly acquireMs: number
  /** Seconds, false for never, undefined for the default. */
  readonly recycle: number | false | undefined
  readonly prePing: boolean
  /** After how long an unused connection is closed, in milliseconds; undefined for never. */
  readonly idleMs: number | undefined
}

/** Who asks for a connection. */
export interface Holder {
  readonly name: string
}

/** A connection as the pool keeps it. */
export interface PooledConnection {
  readonly connection: EngineConnection
  readonly openedAt: number
  usedAt: number
  /** False until it was given back once. */
  reused: boolean
  readonly jitter: number
  readonly generation: number
}

/** How many connections there are, and what they do. */
export interface PoolStats {
  readonly size: number
  readonly idle: number
  readonly held: number
  readonly waiting: number
}

interface Waiter {
  readonly holder: Holder
  readonly resolve: (pooled: PooledConnection) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
}

export class Pool {
  readonly engine: Engine
  readonly options: PoolOptions
  readonly #idle: PooledConnection[] = []
  readonly #held = new Map<PooledConnection, { readonly holder: Holder; readonly since: number }>()
  readonly #waiting = new Set<Waiter>()
  readonly #closing = new Set<Promise<void>>()
  #size = 0
  #opening = 0
  #generation = 0
  #closed = false
  #sweeper: NodeJS.Timeout | undefined
  #drained: (() => void) | undefined

  constructor(engine: Engine, options: PoolOptions) {
    this.engine = engine
    this.options = options
  }

  get stats(): PoolStats {
    return { size: this.#size, idle: this.#idle.length, held: this.#held.size, waiting: this.#waiting.size }
  }

  /**
   * Takes a connection, for one user until it is given back.
   *
   * @throws DbPoolTimeoutError when none became free in time
   * @throws DbError `ERR_DB_CONNECT` when none could be opened, `ERR_DB_CLOSED`
   */
  async acquire(holder: Holder): Promise<PooledConnection> {
    const until = Date.now() + this.options.acquireMs
    for (;;) {
      this.#assertOpen()
      const idle = this.#takeIdle()
      const left = Math.max(0, until - Date.now())
      const pooled = idle === undefined ? await this.#wait(holder, left) : this.#hold(idle, holder)
      if (!this.options.prePing || isNew(pooled)) return pooled
      // Half of the time, so that there is some left for another connection.
      const answer = await pingWithin(pooled, Math.max(0, until - Date.now()) / 2)
      if (answer === 'alive') return pooled
      // What swallows one connection's packets swallows those of its neighbours.
      if (answer === 'late') this.distrust()
      this.release(pooled, { broken: true })
    }
  }

  /** Gives a connection back; one that is `broken` is closed. */
  release(pooled: PooledConnection, { broken = false }: { readonly broken?: boolean } = {}): void {
    if (!this.#held.delete(pooled)) return
    const old = pooled.generation < this.#generation
    if (broken || old || this.#closed || pooled.connection.dead) this.#discard(pooled)
    else {
      pooled.usedAt = Date.now()
      pooled.reused = true
      this.#putIdle(pooled)
    }
    this.#serve()
    if (this.#held.size === 0) this.#drained?.()
  }

  /** Called when a connection was found dead: those opened before are not to be trusted (the server may have restarted). */
  distrust(): void {
    this.#generation++
    for (const pooled of this.#idle.splice(0)) this.#discard(pooled)
  }

  /** Waits until every connection is given back, at most for the given time, and closes them all. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true
    clearTimeout(this.#sweeper)
    for (const waiter of this.#waiting) this.#settle(waiter, () => waiter.reject(closedError()))
    if (this.#held.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#drained = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const pooled of [...this.#held.keys(), ...this.#idle.splice(0)]) this.#discard(pooled)
    this.#held.clear()
    // Idle sockets do not keep the process alive, so this timer does, until the last of them has said goodbye.
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, 1000)
    })
    await Promise.race([Promise.all(this.#closing), patience])
    clearTimeout(timer)
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError()
  }

  #takeIdle(): PooledConnection | undefined {
    const policy = recyclePolicy(this.options.recycle, this.engine.serverIdleMs)
    const now = Date.now()
    // The one used last is taken first: the others grow idle, and are closed when they are not needed.
    for (let pooled = this.#idle.pop(); pooled !== undefined; pooled = this.#idle.pop()) {
      if (!pooled.connection.dead && !isWornOut(pooled, policy, now)) return pooled
      this.#discard(pooled)
    }
    return undefined
  }

  #hold(pooled: PooledConnection, holder: Holder): PooledConnection {
    this.#held.set(pooled, { holder, since: Date.now() })
    pooled.connection.keepAlive(true)
    return pooled
  }

  /** Sends away one who waits and will not need a connection any more. */
  cancel(holder: Holder, error: unknown): void {
    for (const waiter of this.#waiting) {
      if (waiter.holder === holder) this.#settle(waiter, () => waiter.reject(error))
    }
  }

  /** For how long a connection has been held, in milliseconds. */
  heldMs(pooled: PooledConnection): number {
    return Date.now() - (this.#held.get(pooled)?.since ?? Date.now())
  }

  #wait(holder: Holder, patienceMs: number): Promise<PooledConnection> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(waiter, () => reject(this.#timeoutError())), patienceMs)
      const waiter: Waiter = { holder, resolve, reject, timer }
      this.#waiting.add(waiter)
      this.#serve()
    })
  }

  #settle(waiter: Waiter, how: () => void): void {
    clearTimeout(waiter.timer)
    if (this.#waiting.delete(waiter)) how()
  }

  /** Gives idle connections to those who wait, and opens as many as are missing and allowed. */
  #serve(): void {
    for (const waiter of this.#waiting) {
      const pooled = this.#takeIdle()
      if (pooled === undefined) break
      this.#settle(waiter, () => waiter.resolve(this.#hold(pooled, waiter.holder)))
    }
    while (this.#opening < this.#waiting.size && this.#size < this.options.max && !this.#closed) void this.#open()
  }

  async #open(): Promise<void> {
    this.#size++
    this.#opening++
    const generation = this.#generation
    // Its age counts from before the opening: a loop that was blocked meanwhile may find it closed already.
    const openedAt = Date.now()
    try {
      const connection = await openTwice(this.engine)
      this.#opening--
      const pooled = { connection, openedAt, usedAt: openedAt, reused: false, jitter: drawJitter(), generation }
      if (this.#closed) this.#discard(pooled)
      else this.#putIdle(pooled)
    } catch (error) {
      this.#opening--
      this.#size--
      // Each that waits asked for one opening, so a failed one is the answer for one of them.
      const [first] = this.#waiting
      if (first !== undefined) this.#settle(first, () => first.reject(this.#connectError(error)))
    }
    this.#serve()
  }

  #putIdle(pooled: PooledConnection): void {
    pooled.connection.keepAlive(false)
    this.#idle.push(pooled)
    const { idleMs } = this.options
    if (idleMs !== undefined && this.#sweeper === undefined) this.#sweepIn(idleMs)
  }

  #sweepIn(idleMs: number): void {
    this.#sweeper = setTimeout(() => {
      this.#sweeper = undefined
      const now = Date.now()
      // The one idle for longest is first.
      while (this.#idle[0] !== undefined && now - this.#idle[0].usedAt >= idleMs) {
        const pooled = this.#idle.shift()
        if (pooled !== undefined) this.#discard(pooled)
      }
      if (this.#idle.length > 0) this.#sweepIn(idleMs)
    }, idleMs).unref()
  }

  #discard({ connection }: PooledConnection): void {
    this.#size--
    // Nobody is to wait for a goodbye that is not answered.
    connection.keepAlive(false)
    const closing = connection.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #timeoutError(): DbPoolTimeoutError {
    const { max, acquireMs } = this.options
    const now = Date.now()
    const holders = Array.from(this.#held.values(), ({ holder, since }) => ({ name: holder.name, heldMs: now - since }))
    const reason = `No connection to the database became free within ${acquireMs} ms (pool of ${max}).`
    return new DbPoolTimeoutError(reason, holders, this.#waiting.size)
  }

  #connectError(error: unknown): unknown {
    if (error instanceof DbError) return error
    const reason = errorCode(error) || (error as Error)?.message
    const message = `The database at ${this.engine.place} could not be reached: ${reason}.`
    return new DbError('ERR_DB_CONNECT', message, { cause: error })
  }
}

/** A second time when the first was cut off: a loop that is blocked while it opens loses what the server gives up meanwhile. */
async function openTwice(engine: Engine): Promise<EngineConnection> {
  try {
    return await engine.open()
  } catch (error) {
    if (!isHungUp(error)) throw error
    return engine.open()
  }
}

/** Nobody has used it, and its opening did not take so long that it may have ended since. */
function isNew({ reused, openedAt }: PooledConnection): boolean {
  return !reused && Date.now() - openedAt < 1000
}

async function pingWithin({ connection }: PooledConnection, ms: number): Promise<'alive' | 'broken' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late')
  })
  const answer = connection.ping().then(
    () => 'alive' as const,
    () => 'broken' as const,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function closedError(): DbError {
  return new DbError('ERR_DB_CLOSED', 'The database was closed by `close()`; nothing can be asked of it any more.')
}
