/** The word that was probably meant: the nearest within two edits and less than half of its letters. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  let best: string | undefined
  let least = 3
  for (const word of words) {
    const edits = distance(typed.toLowerCase(), word)
    if (edits < least && edits * 2 < word.length) [best, least] = [word, edits]
  }
  return best
}

/** Levenshtein's distance, with two swapped neighbours as one edit. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)])
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let j = 1; j <= b.length; j++) (rows[0] as number[])[j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, at(i - 2, j - 2) + 1)
      ;(rows[i] as number[])[j] = edits
    }
  }
  return at(a.length, b.length)
}
