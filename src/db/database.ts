import { scopeValue } from '../lib/scope-storage.ts'
import { createPools, type Pools } from './create-pools.ts'
import type { CloseOptions, DbSession, DbStats, RunOptions } from './db-session.ts'
import type { EngineName } from './engine.ts'
import { DbError } from './errors.ts'
import { bindKysely, type SessionFactory } from './kysely-binding.ts'
import { type Level, Scope } from './scope.ts'
import type { Session } from './session.ts'
import type { DbSettings } from './settings.ts'
import type { AroundTask } from './task-host.ts'

/** A database: its pools, and the scopes that are open. */
export class Database implements DbSession<unknown> {
  /** Replaced by tests that undo everything. */
  pools: Pools
  /** Set by these tests, so that they need not undo by themselves. */
  beforeClose: ((timeoutMs: number) => Promise<void>) | undefined
  readonly #settings: DbSettings
  readonly #scopes = new Set<Scope>()
  #factory: SessionFactory | undefined
  #loading: Promise<SessionFactory> | undefined
  #closing: Promise<void> | undefined
  #ended: (() => void) | undefined
  #leakTimer: NodeJS.Timeout | undefined

  constructor(settings: DbSettings) {
    this.#settings = settings
    this.pools = createPools(settings)
  }

  get engine(): EngineName {
    return this.#settings.target.engine
  }

  session(): Session<unknown> {
    const level = scopeValue(this) as Level | undefined
    if (level === undefined) {
      throw new DbError(
        'ERR_DB_NO_SCOPE',
        'No session is open. Sessions exist inside a request (`withSession(db)`) or a task; elsewhere call db.run(fn).',
      )
    }
    const { scope } = level
    scope.assertOpen(level)
    scope.session ??= this.#factory?.(scope)
    return scope.session as Session<unknown>
  }

  async run<T>(fn: () => T | PromiseLike<T>, options: RunOptions = {}): Promise<T> {
    const { name = 'scope', readOnly = false, signal } = options
    if (this.#closing !== undefined) {
      throw new DbError('ERR_DB_CLOSED', 'The database was closed by `close()`; nothing can be asked of it any more.')
    }
    if (this.#factory === undefined) this.#factory = await this.#load()
    const { write, read } = this.pools
    const scope = new Scope({ key: this, pool: readOnly ? read : write, name, readOnly })
    this.#scopes.add(scope)
    this.#watchForLeaks()
    const abandon = () => void scope.abandon()
    signal?.addEventListener('abort', abandon)
    try {
      if (signal?.aborted) await scope.abandon()
      const result = await scope.run(fn)
      await scope.finish()
      return result
    } catch (error) {
      await scope.abandon()
      throw error
    } finally {
      signal?.removeEventListener('abort', abandon)
      this.#end(scope)
    }
  }

  readonly aroundTask: AroundTask = (run, task) => this.run(run, { name: task?.name ?? 'task' })

  stats(): DbStats {
    return { scopes: this.#scopes.size, write: this.pools.write.stats, read: this.pools.read.stats }
  }

  close({ timeoutSeconds = 10 }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutSeconds * 1000)
    return this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs
    if (this.#scopes.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#ended = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    clearTimeout(this.#leakTimer)
    await this.beforeClose?.(Math.max(0, until - Date.now()))
    const left = Math.max(0, until - Date.now())
    await Promise.all([...new Set(Object.values(this.pools))].map((pool) => pool.close(left)))
  }

  async #load(): Promise<SessionFactory> {
    const { target, plugins } = this.#settings
    this.#loading ??= bindKysely(target.engine, plugins)
    try {
      return await this.#loading
    } finally {
      // A failure is not kept: the package may be installed by then.
      this.#loading = undefined
    }
  }

  #end(scope: Scope): void {
    this.#scopes.delete(scope)
    if (this.#scopes.size === 0) this.#ended?.()
  }

  /** One timer for all scopes, which runs only while some are open. */
  #watchForLeaks(): void {
    const { leakMs } = this.#settings
    if (leakMs === undefined || this.#leakTimer !== undefined) return
    const oldest = Math.min(...this.#unwarned().map(({ openedAt }) => openedAt))
    if (!Number.isFinite(oldest)) return
    this.#leakTimer = setTimeout(
      () => {
        this.#leakTimer = undefined
        this.#warnOfLeaks(leakMs)
        this.#watchForLeaks()
      },
      leakMs - (Date.now() - oldest),
    )
    this.#leakTimer.unref()
  }

  #unwarned(): readonly Scope[] {
    return [...this.#scopes].filter(({ warned }) => !warned)
  }

  #warnOfLeaks(leakMs: number): void {
    for (const scope of this.#unwarned()) {
      const openMs = Date.now() - scope.openedAt
      if (openMs < leakMs) continue
      scope.warned = true
      const message = `The session scope "${scope.name}" has been open for ${openMs} ms. It keeps its connection for as long; end it before slow work that needs no database.`
      try {
        this.#settings.onWarning({ code: 'TWOPI_DB_SCOPE_OPEN', message, scope: scope.name, openMs })
      } catch (error) {
        // From a timer it would end the process.
        process.emitWarning(`\`onWarning\` has thrown: ${String(error)}`)
      }
    }
  }
}
