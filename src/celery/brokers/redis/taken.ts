/** One message of a take. */
export interface TakenItem {
  readonly queue: string
  /** Index of its step of priority. */
  readonly step: number
  readonly tag: string
  /** Its score in the index of the table. */
  readonly score: string
  /** In the table of what is no message. */
  readonly malformed: boolean
  /** Empty in what a fence says. */
  readonly text: string
}

export interface Taken {
  /** Microseconds of the server's clock, as text: no two takes of a consumer have the same. */
  readonly time: string
  readonly items: readonly TakenItem[]
}

/** Reads the answer of `takeScript`. */
export function readTaken(answer: unknown, queues: readonly string[]): Taken {
  return readFlat(answer, queues, 5)
}

/** Reads what a fence says of the last take; undefined when there was none by it. */
export function readRecord(value: string | undefined, queues: readonly string[]): Taken | undefined {
  return value === undefined || value === '' ? undefined : readFlat(JSON.parse(value), queues, 4)
}

function readFlat(answer: unknown, queues: readonly string[], width: 4 | 5): Taken {
  const flat: readonly unknown[] = Array.isArray(answer) ? answer : []
  const items: TakenItem[] = []
  for (let at = 1; at + width <= flat.length; at += width) {
    items.push({
      score: scoreAt(Number(flat[0]) + items.length),
      queue: queues[Number(flat[at]) - 1] ?? '',
      step: Number(flat[at + 1]),
      tag: String(flat[at + 2]),
      malformed: Number(flat[at + 3]) === 1,
      text: width === 5 ? String(flat[at + 4]) : '',
    })
  }
  return { time: String(flat[0]), items }
}

/** The score for a time, as scripts write it. */
export function scoreAt(microseconds: number): string {
  return (microseconds / 1_000_000).toFixed(6)
}
