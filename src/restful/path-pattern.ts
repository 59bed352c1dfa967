/** One part of a pattern between two slashes: a text, or the name of a parameter. */
export type Segment = { readonly text: string } | { readonly name: string }

/** A pattern such as `/classes/:id`, taken apart. */
export interface PathPattern {
  readonly source: string
  readonly segments: readonly Segment[]
}

// `*`, `{…}`, `(…)` and `<…>` are other routers' words for what is not here; `?` and `#` end a path, and `%` would leave
// open whether the text is meant before or after decoding.
const NOT_IN_TEXT = /[\s:*?#%<>(){}\\]/
const NAME = /^[A-Za-z_]\w*$/

/**
 * Takes a pattern apart. Segments are compared after percent-decoding, so a pattern is written decoded: `/café`.
 *
 * @returns the pattern, or what is wrong with it
 */
export function parsePattern(source: string): PathPattern | readonly string[] {
  if (!source.startsWith('/')) return [`the path "${source}" must begin with "/"`]
  const problems: string[] = []
  const names = new Set<string>()
  const segments = source
    .slice(1)
    .split('/')
    .map((part): Segment => {
      if (!part.startsWith(':')) {
        if (NOT_IN_TEXT.test(part)) {
          problems.push(`"${part}" in the path "${source}" must be a plain text, or \`:name\` as a whole segment`)
        }
        return { text: part }
      }
      const name = part.slice(1)
      if (!NAME.test(name) || name === '__proto__') {
        problems.push(`the parameter "${part}" in the path "${source}" must be named by letters, digits and "_"`)
      }
      if (names.has(name)) problems.push(`the path "${source}" has the parameter ":${name}" twice`)
      names.add(name)
      return { name }
    })
  return problems.length > 0 ? problems : { source, segments }
}

/** Patterns of one shape match the same paths, whatever their parameters are called. */
export function shapeOf({ segments }: PathPattern): string {
  return segments.map((segment) => ('text' in segment ? `/${segment.text}` : '/:')).join('')
}
