/** Short values beyond these are not looked for: the walk over a large body must end. */
const MOST_VALUES = 1000

/** How much of a longer value a message may show. */
const WINDOW = 8
/** Windows of the input begin at every so many characters, so whatever is longer than both together is found. */
const STRIDE = 4

/** The texts of one input, gathered when a message is first compared with them. */
export class InputTexts {
  readonly #input: unknown
  #found: { readonly words: readonly string[]; readonly windows: ReadonlySet<string> } | undefined

  constructor(input: unknown) {
    this.#input = input
  }

  /**
   * Tells whether a message that somebody wrote shows something of the input: the value it is about, as a word, any longer
   * one of the same location, or an excerpt of one.
   */
  areShownIn(message: string, own: unknown): boolean {
    if (scalars(own).some((text) => holdsWord(message, text))) return true
    this.#found ??= gather(this.#input)
    const { words, windows } = this.#found
    return holdsWindow(message, windows) || words.some((text) => holdsWord(message, text))
  }
}

function gather(input: unknown) {
  const texts = scalars(input).filter((text) => text.length >= 4)
  const windows = new Set<string>()
  for (const text of texts) {
    for (let at = 0; at + WINDOW < text.length; at += STRIDE) windows.add(text.slice(at, at + WINDOW))
    if (text.length > WINDOW) windows.add(text.slice(-WINDOW))
  }
  return { words: texts.filter((text) => text.length <= 2 * WINDOW), windows }
}

function holdsWindow(message: string, windows: ReadonlySet<string>): boolean {
  if (windows.size === 0) return false
  for (let at = 0; at + WINDOW <= message.length; at++) {
    if (windows.has(message.slice(at, at + WINDOW))) return true
  }
  return false
}

/** The texts of all values, and of the keys that are data; those of JSON's own words say nothing. */
function scalars(root: unknown): readonly string[] {
  const found: string[] = []
  const waiting: unknown[] = [root]
  for (let at = 0; at < waiting.length && at < MOST_VALUES; at++) {
    const value = waiting[at]
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value)) found.push(...Object.keys(value).slice(0, MOST_VALUES).filter(isData))
      waiting.push(...Object.values(value).slice(0, MOST_VALUES))
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      if (String(value).trim() !== '') found.push(String(value))
    }
  }
  return found
}

/** Tells a key that a client made up from the name of a field, which a message may well mention. */
function isData(key: string): boolean {
  return !/^[\p{L}_$]{0,40}$/u.test(key)
}

function holdsWord(message: string, text: string): boolean {
  if (text.length > message.length) return false
  for (let at = message.indexOf(text); at !== -1; at = message.indexOf(text, at + 1)) {
    if (!isLetter(message[at - 1]) && !isLetter(message[at + text.length])) return true
  }
  return false
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character)
}
