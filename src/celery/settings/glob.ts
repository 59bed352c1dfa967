/** Tells whether a text is of some form. */
export interface Glob {
  test(text: string): boolean
}

type Token = '*' | ((character: string) => boolean)

/**
 * Reads a `*` glob of `task_routes`, or of a command for nodes by pattern, by the rules of Python's `fnmatch`: `*` for anything,
 * `?` for one character, `[a-c]` and `[!ab]` for one of some. Globs and texts come off the wire too, so it takes no regular
 * expression: the time it takes to test grows with the length of the glob times that of the text, never faster.
 */
export function readGlob(glob: string): Glob {
  const tokens = tokensOf(glob)
  return { test: (text) => matches(tokens, text) }
}

function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0
  let next = 0
  // Where the latest star is, and up to where it has taken the text: an earlier one never needs to take more.
  let star = -1
  let taken = 0
  while (at < text.length) {
    const token = tokens[next]
    if (token === '*') {
      star = next++
      taken = at
    } else if (token?.(text[at] as string)) {
      next++
      at++
    } else if (star >= 0) {
      next = star + 1
      at = ++taken
    } else return false
  }
  while (tokens[next] === '*') next++
  return next === tokens.length
}

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = []
  for (let index = 0; index < glob.length; index++) {
    const character = glob[index] as string
    const close = character === '[' ? glob.indexOf(']', index + (glob[index + 1] === '!' ? 3 : 2)) : -1
    if (character === '*') tokens.push('*')
    else if (character === '?') tokens.push(() => true)
    else if (close !== -1) {
      tokens.push(oneOf(glob.slice(index + 1, close)))
      index = close
    } else tokens.push((found) => found === character)
  }
  return tokens
}

/** @param members - what is between the brackets: characters and ranges, behind a `!` those that it is not */
function oneOf(members: string): (character: string) => boolean {
  const negated = members.startsWith('!')
  const ranges: (readonly [from: string, to: string])[] = []
  for (let index = negated ? 1 : 0; index < members.length; index++) {
    const from = members[index] as string
    const to = members[index + 1] === '-' ? members[index + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) index += 2
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated
}

/** A pattern that must match from the start of a name, as Python's `re.match` has it, whatever the flags. */
export function fromStart(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})`, pattern.flags.replace(/[gy]/g, ''))
}
