/**
 * The pattern that a `*` glob of `task_routes` stands for, by the rules of Python's `fnmatch`: `*` for anything, `?` for one
 * character, `[ab]` and `[!ab]` for one of some.
 */
export function globToRegExp(glob: string): RegExp {
  let source = ''
  for (let index = 0; index < glob.length; index++) {
    const character = glob[index] as string
    const close = character === '[' ? glob.indexOf(']', index + (glob[index + 1] === '!' ? 3 : 2)) : -1
    if (character === '*') source += glob[index - 1] === '*' ? '' : '.*'
    else if (character === '?') source += '.'
    else if (close !== -1) {
      const negated = glob[index + 1] === '!'
      const members = glob.slice(index + (negated ? 2 : 1), close).replace(/[\\\]^[]/g, '\\$&')
      source += `[${negated ? '^' : ''}${members}]`
      index = close
    } else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  }
  return new RegExp(`^${source}$`, 's')
}

/** A pattern that must match from the start of a name, as Python's `re.match` has it, whatever the flags. */
export function fromStart(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})`, pattern.flags.replace(/[gy]/g, ''))
}
