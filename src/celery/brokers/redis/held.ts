/** A message that is in the table of unacked ones and ours. */
export interface Held {
  /** Its key in the table. */
  readonly tag: string
  readonly queue: string
  /** The list it was taken from. */
  readonly list: string
  /** Bytes behind the envelope in the table. */
  readonly tail: number
  /** Counts up over everything a broker takes: what is put back goes to where it was. */
  readonly sequence: number
  /** In the table of what is no message, which has no scores. */
  readonly malformed: boolean
  /** Whether its envelope can be marked as delivered before. */
  readonly readable: boolean
  /** Its score, by which it is known to be ours: seconds of the server's clock, as text. Empty for what is malformed. */
  score: string
  /** The score it has if a refresh was done whose answer was lost; else as `score`. */
  tried: string
  state: HeldState
}

/**
 * - `held`: with the worker.
 * - `settling`: on its way out of the table, or back into a list.
 * - `settled`: there.
 * - `lost`: another worker took it for dead, or it was put back by `close`.
 */
export type HeldState = 'held' | 'settling' | 'settled' | 'lost'

/** A held message as the scripts want it. */
export function proofOf({ tag, score, tried }: Held): [tag: string, score: string, tried: string] {
  return [tag, score, tried]
}
