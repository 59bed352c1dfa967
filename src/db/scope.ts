import { findScopeValue, runInScope } from '../lib/scope-storage.ts'
import type { StatementResult } from './engine.ts'
import { errorCode, isShutdown } from './error-code.ts'
import { DbError, DbPoolTimeoutError } from './errors.ts'
import type { Pool, PooledConnection } from './pool.ts'
import { Turnstile } from './turnstile.ts'

// A scope is one unit of work. Its states:
//
//   open     statements run. The first takes a connection and begins a transaction; commit() and rollback() end that and
//            give the connection back, and the next statement begins anew.
//   closing  the function has returned: what was asked before still runs, what comes now is refused; then the commit.
//   ended    committed or rolled back; nothing runs any more. There is no way back.
//
// Beside that a scope is `lost` when its transaction has gone without being asked to (the connection died, the database
// chose it as the victim of a deadlock). Then every statement is refused until rollback(), because the work before it is
// gone, and going on would commit the second half of something.
//
// Statements are queued in levels. The scope is one; each nested() is another inside it, and holds up the level around it
// until it is done. To which level a statement belongs is told by where it is called, not by the object it is called on.

/** A queue of statements: a scope, or a savepoint in it. */
export class Level {
  readonly scope: Scope
  readonly outer: Level | undefined
  readonly queue: Turnstile = new Turnstile()
  ended = false

  constructor(scope: Scope, outer: Level | undefined) {
    this.scope = scope
    this.outer = outer
  }

  /** Whether nothing can be asked of any of its scope's levels. */
  get over(): boolean {
    return this.scope.ended
  }
}

export interface ScopeInit {
  /** Under what the levels are kept. */
  readonly key: object
  readonly pool: Pool
  readonly name: string
  readonly readOnly: boolean
}

export class Scope {
  readonly name: string
  readonly readOnly: boolean
  readonly openedAt: number = Date.now()
  readonly root: Level = new Level(this, undefined)
  /** Set once it was warned of, so that it is not again. */
  warned = false
  /** What the scope's users call, made when they first ask. */
  session: object | undefined
  readonly #key: object
  readonly #pool: Pool
  /** The scope in which this one was opened, if it is of the same database. */
  #outer: Scope | undefined
  #state: 'open' | 'closing' | 'ended' = 'open'
  #pooled: PooledConnection | undefined
  #lost: unknown
  #savepoints = 0
  /** Whether the database has been asked for something and not answered, and who waits for that. */
  #flying = false
  #landed: (() => void) | undefined
  #abandoned: Promise<void> | undefined

  constructor({ key, pool, name, readOnly }: ScopeInit) {
    this.#key = key
    this.#pool = pool
    this.name = name
    this.readOnly = readOnly
    this.#outer = nearestOpen((findScopeValue(key, () => true) as Level | undefined)?.scope, (scope) => scope.#outer)
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  #end(): void {
    this.#state = 'ended'
    // Or each scope would hold the one in which it was opened, and that the one before.
    this.#outer = nearestOpen(this.#outer, (scope) => scope.#outer)
  }

  /** Runs a function in which this scope is the current one. */
  run<T>(fn: () => T): T {
    return runInScope(this.#key, this.root, fn)
  }

  /** @throws DbError `ERR_DB_SCOPE_ENDED` when nothing may be asked any more */
  assertOpen(level: Level = this.root): void {
    if (this.#state === 'open' && !level.ended) return
    throw this.#endedError(this.#state === 'open' ? 'The savepoint' : 'The scope')
  }

  #endedError(what: string): DbError {
    return new DbError(
      'ERR_DB_SCOPE_ENDED',
      `${what} of this session (${this.name}) has ended. Something that it started was not awaited; await it, or give it a scope of its own with db.run(fn).`,
    )
  }

  /** Runs one statement, after those that were asked for before it. */
  query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#queued((pooled) => this.#attempt(pooled, () => pooled.connection.query(sql, parameters)))
  }

  /** The driver's own connection, in the scope's transaction. */
  bareConnection(): Promise<unknown> {
    return this.#queued(async ({ connection }) => connection.bare)
  }

  async commit(): Promise<void> {
    const level = this.#outside('commit')
    await level.queue.run(() => this.#fly(level, () => this.#commit()))
  }

  async rollback(): Promise<void> {
    const level = this.#outside('rollback')
    await level.queue.run(() => this.#fly(level, () => this.#rollback()))
  }

  /** Runs a function in a savepoint, which is undone when it throws. */
  async nested<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.#level()
    this.assertOpen(outer)
    return outer.queue.run(async () => {
      const pooled = await this.#ready(outer)
      const name = `twopi_${++this.#savepoints}`
      const say = (sql: string) => {
        // Abandoned meanwhile: the connection may be somebody else's.
        if (this.ended) this.assertOpen(outer)
        return this.#attempt(pooled, () => pooled.connection.query(`${sql} ${name}`, []))
      }
      await say('SAVEPOINT')
      const level = new Level(this, outer)
      try {
        const result = await runInScope(this.#key, level, fn)
        await level.queue.run(async () => {
          level.ended = true
          await say('RELEASE SAVEPOINT')
        })
        return result
      } catch (error) {
        level.ended = true
        await level.queue.run(() => this.#undo(say))
        throw committedWithin(error) ?? error
      }
    })
  }

  async #undo(say: (sql: string) => Promise<unknown>): Promise<void> {
    if (this.#lost !== undefined || this.ended) return
    try {
      await say('ROLLBACK TO SAVEPOINT')
      await say('RELEASE SAVEPOINT')
    } catch (error) {
      // What was to be undone is still there, so the whole must not be committed.
      this.#lost ??= committedWithin(error) ?? error ?? new Error('unknown')
    }
  }

  /** Ends the scope. Resolves when its work is stored. */
  async finish(): Promise<void> {
    this.assertOpen()
    this.#state = 'closing'
    try {
      await this.root.queue.run(() => this.#fly(this.root, () => this.#commit(), 'closing'))
    } finally {
      this.#end()
    }
  }

  /**
   * Ends the scope and undoes its work, after the statement that is on its way and before those that wait, however long the
   * savepoint they wait for would take. Never rejects: there is an error already, which matters more.
   */
  abandon(): Promise<void> {
    this.#abandoned ??= this.#abandon()
    return this.#abandoned
  }

  async #abandon(): Promise<void> {
    this.#end()
    this.#pool.cancel(this, this.#endedError('The scope'))
    while (this.#flying) {
      await new Promise<void>((resolve) => {
        const before = this.#landed
        this.#landed = () => {
          before?.()
          resolve()
        }
      })
    }
    await this.#rollback()
  }

  /** Does something with the connection, for which abandon() waits. */
  async #fly<T>(level: Level, work: () => Promise<T>, allowed: 'open' | 'closing' = 'open'): Promise<T> {
    if (this.#state === 'ended' || (allowed === 'open' && level.ended)) throw this.#endedError('The scope')
    this.#flying = true
    try {
      return await work()
    } finally {
      this.#land()
    }
  }

  #land(): void {
    this.#flying = false
    const landed = this.#landed
    this.#landed = undefined
    landed?.()
  }

  /** The level in which the caller is. Another scope may be open inside of this one; that has its own levels. */
  #level(): Level {
    const found = findScopeValue(this.#key, (level) => (level as Level).scope === this)
    return (found as Level | undefined) ?? this.root
  }

  #outside(what: string): Level {
    const level = this.#level()
    this.assertOpen(level)
    if (level.outer === undefined) return level
    throw new DbError(
      'ERR_DB_NESTED',
      `${what}() ends the whole transaction and cannot be called inside nested(). Return from nested() to keep its work, throw to undo it.`,
    )
  }

  async #queued<T>(work: (pooled: PooledConnection) => Promise<T>): Promise<T> {
    const level = this.#level()
    this.assertOpen(level)
    return level.queue.run(async () => work(await this.#ready(level)))
  }

  /** The connection, in a transaction. */
  async #ready(level: Level): Promise<PooledConnection> {
    // Asked for in time, but the scope was abandoned before its turn came.
    if (this.#state === 'ended' || level.ended) this.assertOpen(level)
    if (this.#lost !== undefined) throw this.#lostError()
    if (this.#pooled === undefined) await this.#fly(level, () => this.#begin(), 'closing')
    // Abandoned while it was on its way.
    if (this.#pooled === undefined || this.ended) throw this.#endedError('The scope')
    return this.#pooled
  }

  /** Nothing has happened in the transaction yet, so here, and only here, a dead connection is replaced, once. */
  async #begin(): Promise<void> {
    for (let replaced = false; ; replaced = true) {
      this.#assertNoDeadlock()
      const pooled = await this.#pool.acquire(this)
      try {
        await pooled.connection.begin(this.readOnly)
        this.#pooled = pooled
        return
      } catch (error) {
        const lost = pooled.connection.aftermath(error) === 'connection lost'
        if (lost) this.#pool.distrust()
        this.#pool.release(pooled, { broken: true })
        if (replaced || !lost) throw error
      }
    }
  }

  #assertNoDeadlock(): void {
    const { max } = this.#pool.options
    const holders: { name: string; heldMs: number }[] = []
    for (let scope = this.#outer; scope !== undefined; scope = scope.#outer) {
      if (scope.#pooled !== undefined && scope.#pool === this.#pool) {
        holders.push({ name: scope.name, heldMs: this.#pool.heldMs(scope.#pooled) })
      }
    }
    if (holders.length < max) return
    const reason = `This scope (${this.name}) was opened inside of others that hold every connection (pool of ${max}), so it would wait for itself. Use session() of the scope around it, or a larger \`poolSize\`.`
    throw new DbPoolTimeoutError(reason, holders, 0)
  }

  async #attempt<T>(pooled: PooledConnection, work: () => Promise<T>): Promise<T> {
    this.#flying = true
    try {
      return await work()
    } catch (error) {
      if (pooled.connection.aftermath(error) !== 'open') this.#lost = error ?? new Error('unknown')
      // One connection that dies says nothing of the others.
      if (isShutdown(error)) this.#pool.distrust()
      throw error
    } finally {
      this.#land()
    }
  }

  async #commit(): Promise<void> {
    if (this.#lost !== undefined) {
      const error = this.#lostError()
      await this.#rollback()
      throw error
    }
    const pooled = this.#pooled
    if (pooled === undefined) return
    this.#pooled = undefined
    // Noticed before the commit was sent: so it is known that nothing was stored.
    if (pooled.connection.dead) {
      this.#release(pooled, true)
      throw this.#lostError()
    }
    let stored: boolean
    try {
      stored = await pooled.connection.commit()
    } catch (error) {
      throw await this.#failedCommit(pooled, error)
    }
    this.#release(pooled, false)
    if (stored) return
    throw new DbError(
      'ERR_DB_COMMIT_REFUSED',
      'The database rolled back instead of committing, because a statement before had failed and its error was caught. Undo such a statement with nested(), or let its error through.',
    )
  }

  async #failedCommit(pooled: PooledConnection, error: unknown): Promise<unknown> {
    if (pooled.connection.aftermath(error) === 'connection lost') {
      this.#release(pooled, true)
      return new DbError(
        'ERR_DB_COMMIT_UNKNOWN',
        'The connection was lost after the commit was sent, so nobody knows whether the work was stored. Look, or make the work safe to repeat.',
        { cause: error },
      )
    }
    this.#pooled = pooled
    await this.#rollback()
    return error
  }

  async #rollback(): Promise<void> {
    const pooled = this.#pooled
    const dead = this.#lost !== undefined && pooled?.connection.aftermath(this.#lost) === 'connection lost'
    this.#pooled = undefined
    this.#lost = undefined
    if (pooled === undefined) return
    if (dead || pooled.connection.dead) return this.#release(pooled, true)
    try {
      await pooled.connection.rollback()
      this.#release(pooled, false)
    } catch {
      // A closed connection rolls back too.
      this.#release(pooled, true)
    }
  }

  #release(pooled: PooledConnection, broken: boolean): void {
    this.#pool.release(pooled, { broken })
  }

  #lostError(): DbError {
    if (this.#lost instanceof DbError && this.#lost.code === 'ERR_DB_NESTED') return this.#lost
    return new DbError(
      'ERR_DB_TRANSACTION_LOST',
      'The transaction was lost in the middle and nothing of it is stored. Call rollback() to begin anew in this scope, or let the error through.',
      this.#lost === undefined ? undefined : { cause: this.#lost },
    )
  }
}

/** The scope itself, or the nearest around it that has not ended. */
function nearestOpen(scope: Scope | undefined, outer: (scope: Scope) => Scope | undefined): Scope | undefined {
  let open = scope
  while (open?.ended) open = outer(open)
  return open
}

/** MySQL commits with each change of a table, and forgets its savepoints. */
function committedWithin(error: unknown): DbError | undefined {
  if (errorCode(error) !== 'ER_SP_DOES_NOT_EXIST') return undefined
  return new DbError(
    'ERR_DB_NESTED',
    'Something inside nested() has committed the transaction, as every change of a table does on MySQL. What came before it is stored and cannot be undone; change tables outside of nested().',
    { cause: error },
  )
}
