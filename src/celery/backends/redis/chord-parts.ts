import { PROPAGATE_STATES } from '../../protocol/states.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import { BackendDataError } from '../errors.ts'
import type { ChordPart, ChordProgress } from '../result-backend.ts'
import { joinGroup } from './join-group.ts'
import type { MetaText } from './meta-text.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisRunner } from './redis-runner.ts'
import { chordPartScript, setScript } from './scripts.ts'

export interface ChordPartsOptions {
  readonly keys: RedisKeys
  readonly runner: RedisRunner
  readonly text: MetaText
  /** Seconds as text; empty: for ever. */
  readonly expires: string
  /** `result_chord_ordered`: parts are kept in their order. All who share a chord must agree. */
  readonly ordered: boolean
}

/** What became of one part. */
interface Outcome {
  readonly taskId: string
  readonly state: string
  readonly result: unknown
}

/**
 * Counts the parts of chords, as Celery does in Redis: a sorted set (or a list) of the parts that are done, how many there shall
 * be, and how many were added later.
 *
 * Noting the same part again changes nothing, so a part that comes twice counts once.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#important-notes
 */
export class ChordParts {
  readonly #options: ChordPartsOptions

  constructor(options: ChordPartsOptions) {
    this.#options = options
  }

  async add({ groupId, groupIndex, taskId, state, result }: ChordPart): Promise<ChordProgress> {
    const { keys, runner, text, expires, ordered } = this.#options
    const part = text.encodeValue([1, taskId, state, result])
    const place = ordered ? String(groupIndex ?? '+inf') : ''
    const names = [...keys.chord(groupId), keys.group(groupId)]
    try {
      const answer = await runner.run((connection, again) =>
        connection.eval(chordPartScript, names, [part, place, expires, again ? '1' : '']),
      )
      return Array.isArray(answer) && answer.length > 0 ? await this.#complete(groupId, answer) : { kind: 'incomplete' }
    } catch (error) {
      throw isWrongType(error) ? new BackendDataError(groupId, OTHER_KIND, { cause: error }) : error
    }
  }

  async setSize(groupId: string, size: number): Promise<void> {
    const { keys, runner, expires } = this.#options
    const [, , key] = keys.chord(groupId)
    await runner.run((connection) => connection.eval(setScript, [key], [String(size), expires]))
  }

  async forget(groupId: string): Promise<void> {
    const { keys, runner } = this.#options
    await runner.run((connection) => connection.del(keys.chord(groupId)))
  }

  /** The group that was saved, as a tuple. */
  async savedGroup(groupId: string): Promise<unknown> {
    const { keys, runner } = this.#options
    const stored = await runner.run((connection) => connection.get(keys.group(groupId)))
    return stored === null ? undefined : this.#groupOf(groupId, stored)
  }

  async #complete(groupId: string, [saved, parts]: readonly unknown[]): Promise<ChordProgress> {
    const { text } = this.#options
    const outcomes = (parts as readonly string[]).map((part) => outcomeOf(groupId, text.decodeValue(part, groupId)))
    const failed = outcomes.find(({ state }) => PROPAGATE_STATES.has(state))
    if (failed !== undefined) return { kind: 'failed', taskId: failed.taskId, result: failed.result }
    if (typeof saved !== 'string') return { kind: 'complete', results: outcomes.map(({ result }) => result) }
    return this.#join(groupId, saved, outcomes)
  }

  /** Groups within the group were saved with it: their results are lists in the list. */
  async #join(groupId: string, saved: string, outcomes: readonly Outcome[]): Promise<ChordProgress> {
    const { keys, runner, text } = this.#options
    const known = new Map(outcomes.map((outcome) => [outcome.taskId, outcome]))
    const group = joinGroup(groupId, this.#groupOf(groupId, saved))
    const missing = group.taskIds.filter((id) => !known.has(id))
    if (missing.length > 0) {
      const stored = await runner.run((connection) => connection.mGet(missing.map(keys.task)))
      for (const [i, value] of stored.entries()) {
        const taskId = missing[i] ?? ''
        if (value === null) throw new BackendDataError(groupId, `its part "${taskId}" has no result`)
        const { status, result } = text.decode(value, taskId)
        if (PROPAGATE_STATES.has(status)) return { kind: 'failed', taskId, result }
        if (status !== 'SUCCESS') throw new BackendDataError(groupId, `its part "${taskId}" is in state ${status}`)
        known.set(taskId, { taskId, state: status, result })
      }
    }
    return { kind: 'complete', results: group.results((id) => known.get(id)?.result) }
  }

  #groupOf(groupId: string, stored: string): unknown {
    const saved = this.#options.text.decodeValue(stored, groupId)
    if (typeof saved === 'object' && saved !== null && 'result' in saved) return saved.result
    throw new BackendDataError(groupId, 'expected an object with a `result`')
  }
}

const OTHER_KIND = 'its parts are kept in another way; `result_chord_ordered` must be the same for all'

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof RedisFailure && error.cause.reply === 'WRONGTYPE'
}

function outcomeOf(groupId: string, part: unknown): Outcome {
  const [, taskId, state, result] = Array.isArray(part) ? part : []
  if (typeof taskId === 'string' && typeof state === 'string') return { taskId, state, result }
  throw new BackendDataError(groupId, 'expected a part as `[1, id, state, result]`')
}
