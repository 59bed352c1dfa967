/** Media types, or ranges of them: `image/png`, `image/*`, `*` + `/*`. Lower case. */
export type MediaRanges = readonly string[]

const RANGE = /^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/

/**
 * @param types - as the caller wrote them
 * @returns the same in lower case
 * @throws TypeError when one is no media type or range
 */
export function mediaRanges(types: readonly string[]): MediaRanges {
  const wrong = types.filter((type) => !RANGE.test(type))
  if (types.length === 0) throw new TypeError('`types` must hold at least one media type, found none')
  if (wrong.length > 0) {
    const found = wrong.map((type) => `"${type}"`).join(', ')
    throw new TypeError(`\`types\` must hold media types such as "image/png" or "image/*", found ${found}`)
  }
  return types.map((type) => type.toLowerCase())
}

/** Whether a media type, in lower case, is in one of the ranges. */
export function inMediaRanges(type: string, ranges: MediaRanges): boolean {
  return ranges.some((range) => {
    if (range === '*/*') return true
    return range.endsWith('/*') ? type.startsWith(range.slice(0, -1)) : type === range
  })
}
