/** A message on its way into its lists. */
export interface Outgoing {
  /** The lists, and for each the text of its copy. */
  readonly copies: readonly { readonly list: string; readonly text: string }[]
  /** False: not sent again by another connection. */
  readonly retry: boolean
  /** When it is given up, on the clock of `performance.now`. */
  readonly deadline: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Messages that are stored by one call, in one instant. */
export interface Batch {
  readonly number: number
  items: readonly Outgoing[]
}

/** Words for `publishScript`, behind the first three: messages in a row for one list are one run. */
export interface BatchWords {
  readonly lists: string[]
  readonly words: string[]
  /** Index of the message that each run begins with. */
  readonly runs: number[]
}

export function batchWords(items: readonly Outgoing[]): BatchWords {
  const lists: string[] = []
  const indexes = new Map<string, number>()
  const words: string[] = []
  const runs: number[] = []
  let count = 0 // where the length of the current run stands
  let current = -1
  for (const [place, { copies }] of items.entries()) {
    for (const { list, text } of copies) {
      let index = indexes.get(list)
      if (index === undefined) {
        index = lists.push(list)
        indexes.set(list, index)
      }
      if (index !== current) {
        current = index
        runs.push(place)
        count = words.push(String(index), '0') - 1
      }
      words[count] = String(words.length - count)
      words.push(text)
    }
  }
  return { lists, words, runs }
}
