/** Values beyond these are not looked for: the walk over a large body must end. */
const MOST_VALUES = 1000

/**
 * Tells whether a message that somebody wrote shows something of the input: the value it is about, as a word, or any longer
 * text of the same location.
 */
export function showsInput(message: string, own: unknown, input: unknown): boolean {
  return (
    scalars(own).some((text) => holdsWord(message, text)) ||
    scalars(input).some((text) => text.length >= 4 && holdsWord(message, text))
  )
}

/** The texts of all values, in order; those of JSON's own words say nothing. */
function scalars(root: unknown): readonly string[] {
  const found: string[] = []
  const waiting: unknown[] = [root]
  for (let seen = 0; seen < MOST_VALUES && waiting.length > 0; seen++) {
    const value = waiting.shift()
    if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value).slice(0, MOST_VALUES))
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      if (String(value).trim() !== '') found.push(String(value))
    }
  }
  return found
}

function holdsWord(message: string, text: string): boolean {
  // A long value may be cut short in the message.
  const wanted = text.slice(0, 24)
  for (let at = message.indexOf(wanted); at !== -1; at = message.indexOf(wanted, at + 1)) {
    if (!isLetter(message[at - 1]) && (text.length > 24 || !isLetter(message[at + wanted.length]))) return true
  }
  return false
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character)
}
