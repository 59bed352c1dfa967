import { writeSync } from 'node:fs'
import type { Ledger } from './ledger.ts'
import type { Load } from './load.ts'

/** What became of all tasks of a test. */
export interface Census {
  readonly accepted: number
  /** Of these, how many came to their end. */
  readonly ran: number
  /** Numbers of the tasks that came to their end more than once. */
  readonly doubled: readonly number[]
  /** Numbers of those that were accepted and never came to their end. */
  readonly lost: readonly number[]
  /** Numbers of those that ran though the caller was told that they were not stored. */
  readonly strangers: readonly number[]
}

/** Counts, and prints one line. */
export function takeCensus(
  title: string,
  ledger: Ledger,
  { accepted, unknown, refused }: Pick<Load, 'accepted' | 'unknown' | 'refused'>,
): Census {
  const runs = new Map<number, number>()
  for (const { what, n } of ledger.notes) if (what === 'end') runs.set(n, (runs.get(n) ?? 0) + 1)
  const lost = [...accepted].filter((n) => !runs.has(n))
  const doubled = [...runs].filter(([, count]) => count > 1).map(([n]) => n)
  const strangers = [...refused.keys()].filter((n) => runs.has(n))
  const ran = accepted.size - lost.length
  const counts = { accepted: accepted.size, ran, doubled: doubled.length, lost: lost.length }
  const others = { refused: refused.size, unknown: unknown.size }
  const words = Object.entries({ ...counts, ...others }).map(([name, count]) => `${name} ${count}`)
  // Past the reporter, which would make several lines of it.
  writeSync(2, `${title}: ${words.join(', ')}\n`)
  return { accepted: accepted.size, ran, doubled, lost, strangers }
}
