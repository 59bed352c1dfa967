import type { ChordPart, ChordProgress } from '../result-backend.ts'

/** A part that is done; its result as it is stored. */
export interface DonePart extends Pick<ChordPart, 'groupIndex' | 'taskId' | 'state'> {
  readonly result: Uint8Array
}

/** The parts of a chord that are done, and how many there are to be. A part that is done again counts once. */
export class MemoryChord {
  size: number | undefined
  readonly #parts = new Map<string, DonePart>()

  add(part: DonePart): void {
    this.#parts.set(part.taskId, part)
  }

  /** @param read - reads a stored result */
  progress(read: (result: Uint8Array) => unknown): ChordProgress {
    if (this.#parts.size !== this.size) return { kind: 'incomplete' }
    const parts = [...this.#parts.values()].sort((a, b) => place(a) - place(b) || 0)
    const failed = parts.find(({ state }) => state !== 'SUCCESS')
    if (failed !== undefined) return { kind: 'failed', taskId: failed.taskId, result: read(failed.result) }
    return { kind: 'complete', results: parts.map(({ result }) => read(result)) }
  }
}

/** Parts without a number come last, in the order they were done; as a number, since two infinities have no difference. */
function place({ groupIndex = Number.MAX_VALUE }: DonePart): number {
  return groupIndex
}
