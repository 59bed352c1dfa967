import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ResultBackend, Unwatch } from '../../../src/celery/backends/result-backend.ts'
import type { TaskMeta } from '../../../src/celery/protocol/task-meta.ts'
import type { BackendVariant, OpenSettings } from './variant.ts'

/** A watcher and what it was told. */
export interface Watch {
  readonly metas: readonly TaskMeta[]
  readonly errors: readonly Error[]
  readonly unwatch: Unwatch
  states(): string[]
  /** Waits until it was told so often. */
  count(count: number): Promise<void>
}

/** What a test works with: handles that are closed, and results that are forgotten afterwards. */
export class Bench {
  readonly variant: BackendVariant
  readonly #backends: ResultBackend[] = []
  readonly #tasks = new Set<string>()
  readonly #groups = new Set<string>()

  constructor(variant: BackendVariant) {
    this.variant = variant
  }

  async open(settings?: OpenSettings): Promise<ResultBackend> {
    const backend = await this.variant.open(settings)
    this.#backends.push(backend)
    return backend
  }

  async unreachable(): Promise<ResultBackend> {
    const backend = await this.variant.unreachable?.()
    if (backend === undefined) throw new Error('the variant has no `unreachable`')
    this.#backends.push(backend)
    return backend
  }

  /** The handle of a client, which sends tasks, and that of a worker, which stores their results. */
  async pair(settings?: OpenSettings): Promise<{ client: ResultBackend; worker: ResultBackend }> {
    return { client: await this.open(settings), worker: await this.open(settings) }
  }

  taskId(): string {
    const id = randomUUID()
    this.#tasks.add(id)
    return id
  }

  /** The id of a task that this client is about to send. */
  async expected(client: ResultBackend): Promise<string> {
    const id = this.taskId()
    await client.expect(id)
    return id
  }

  groupId(): string {
    const id = randomUUID()
    this.#groups.add(id)
    return id
  }

  async watch(client: ResultBackend, taskId: string): Promise<Watch> {
    const metas: TaskMeta[] = []
    const errors: Error[] = []
    const unwatch = await client.watch(taskId, {
      onMeta: (meta) => metas.push(meta),
      onError: (error) => errors.push(error),
    })
    return {
      metas,
      errors,
      unwatch,
      states: () => metas.map(({ status }) => status),
      count: (count) =>
        until(
          () => metas.length >= count,
          () => `${count} states, found ${metas.length}`,
        ),
    }
  }

  /** What the client reads; where results travel, once this state has come. */
  async read(client: ResultBackend, taskId: string, status: string): Promise<TaskMeta | undefined> {
    if (this.variant.capabilities.abilities.shared) return client.get(taskId)
    let found: TaskMeta | undefined
    await until(async () => {
      found = await client.get(taskId)
      return found?.status === status
    }, `the state ${status}`)
    return found
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()))
    const cleaner = await this.variant.open()
    for (const id of this.#tasks) await cleaner.forget(id)
    if (cleaner.abilities.chords) for (const id of this.#groups) await cleaner.forgetChord(id)
    await cleaner.close()
  }
}

export function success(taskId: string, result: unknown = 5, change: Partial<TaskMeta> = {}): TaskMeta {
  return {
    taskId,
    status: 'SUCCESS',
    result,
    traceback: undefined,
    children: [],
    dateDone: '2026-11-23T10:53:39.140305+00:00',
    ...change,
  }
}

export function failure(taskId: string, change: Partial<TaskMeta> = {}): TaskMeta {
  return success(
    taskId,
    { exc_type: 'ValueError', exc_message: ['bad', 42], exc_module: 'builtins' },
    { status: 'FAILURE', traceback: 'Traceback (most recent call last):\n  …\nValueError: bad', ...change },
  )
}

/** A state that is not ready. */
export function state(taskId: string, status: string, result: unknown = null): TaskMeta {
  return success(taskId, result, { status, dateDone: undefined })
}

/** Stores as a worker does that has a task of this client. */
export function storeFor(client: ResultBackend, worker: ResultBackend, meta: TaskMeta): Promise<void> {
  return worker.store(meta, { replyTo: client.replyTo })
}

/** Waits for a condition. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`expected ${typeof what === 'string' ? what : what()}, in time`)
    await sleep(5)
  }
}

/** Looks for a while whether something that must not happen does: what nothing announces cannot be awaited. */
export async function stays<T>(look: () => T, expected: T, forMs = 120): Promise<void> {
  const end = performance.now() + forMs
  do {
    expect(look()).toEqual(expected)
    await sleep(10)
  } while (performance.now() < end)
}
