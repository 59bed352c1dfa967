import { isReady } from '../../protocol/states.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { RedisConnection } from '../../redis/redis-commands.ts'
import { ResultTooLargeError } from '../errors.ts'
import type {
  ChordPart,
  ChordProgress,
  ResultBackend,
  ResultBackendAbilities,
  ResultWatcher,
  Unwatch,
} from '../result-backend.ts'
import type { ChordParts } from './chord-parts.ts'
import { type MetaText, MOST_BYTES } from './meta-text.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisRunner } from './redis-runner.ts'
import type { ResultChannels } from './result-channels.ts'
import { storeScript } from './scripts.ts'

export interface RedisBackendParts {
  readonly address: string
  readonly keys: RedisKeys
  readonly runner: RedisRunner
  readonly channels: ResultChannels
  readonly chords: ChordParts
  readonly text: MetaText
  /** Seconds as text; empty: for ever. */
  readonly expires: string
  /** Ends the connection for commands. */
  readonly disconnect: () => void
}

/**
 * Results in Redis, as Celery lays them out there.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-backend-settings
 */
export class RedisBackend implements ResultBackend {
  readonly kind = 'redis'
  readonly address: string
  readonly abilities: ResultBackendAbilities = { shared: true, chords: true }
  readonly replyTo = ''
  readonly #parts: RedisBackendParts

  constructor(parts: RedisBackendParts) {
    this.address = parts.address
    this.#parts = parts
  }

  connect(): Promise<void> {
    return this.ping()
  }

  ping(): Promise<void> {
    return this.#run((connection) => connection.ping())
  }

  async store(meta: TaskMeta): Promise<void> {
    const { keys, text, expires } = this.#parts
    const { taskId } = meta
    const key = keys.task(taskId)
    const value = text.encode(meta)
    assertFits(taskId, value)
    let known = ''
    for (;;) {
      const answer = await this.#run((connection) => connection.eval(storeScript, [key], [value, expires, known]))
      if (!Array.isArray(answer)) return
      const [stored, sha] = answer as readonly string[]
      if (text.statusOf(stored ?? '', taskId) === 'SUCCESS') return
      known = sha ?? ''
    }
  }

  async get(taskId: string): Promise<TaskMeta | undefined> {
    const stored = await this.#run((connection) => connection.get(this.#parts.keys.task(taskId)))
    return stored === null ? undefined : this.#parts.text.decode(stored, taskId)
  }

  async watch(taskId: string, watcher: ResultWatcher): Promise<Unwatch> {
    const { channels, keys, text } = this.#parts
    const listening = channels.listen(keys.task(taskId), {
      onText(stored) {
        let meta: TaskMeta
        try {
          meta = text.decode(stored, taskId)
        } catch (error) {
          void listening.stop()
          return watcher.onError(error as Error)
        }
        if (isReady(meta.status)) void listening.stop()
        watcher.onMeta(meta)
      },
      onError: watcher.onError,
    })
    await listening.ready
    return () => listening.stop()
  }

  async expect(): Promise<void> {} // results are shared

  async forget(taskId: string): Promise<void> {
    await this.#run((connection) => connection.del([this.#parts.keys.task(taskId)]))
  }

  addChordPart(part: ChordPart): Promise<ChordProgress> {
    return this.#parts.chords.add(part)
  }

  setChordSize(groupId: string, size: number): Promise<void> {
    return this.#parts.chords.setSize(groupId, size)
  }

  forgetChord(groupId: string): Promise<void> {
    return this.#parts.chords.forget(groupId)
  }

  getGroup(groupId: string): Promise<unknown> {
    return this.#parts.chords.savedGroup(groupId)
  }

  async close(): Promise<void> {
    this.#parts.channels.close()
    this.#parts.disconnect()
  }

  #run<T>(send: (connection: RedisConnection) => Promise<T>): Promise<T> {
    return this.#parts.runner.run(send)
  }
}

/** Counts bytes only of what could have too many: a character has at most three. */
function assertFits(taskId: string, value: string): void {
  if (value.length * 3 <= MOST_BYTES) return
  const bytes = Buffer.byteLength(value)
  if (bytes > MOST_BYTES) throw new ResultTooLargeError(taskId, bytes, MOST_BYTES)
}
