/*
 * What a text from the environment may stand for. The text itself always comes first, so a field of text that holds `123`
 * or `true` stays text; the others are tried only after the field's schema refused all before them.
 */

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i
const integer = /^-?(?:0|[1-9]\d*)$/

/** A list of texts, whose elements may each stand for something else in turn. */
export class TextList {
  readonly texts: readonly string[]
  constructor(texts: readonly string[]) {
    this.texts = texts
  }
}

/**
 * The values that a text may stand for, in the order in which they are offered:
 *
 * 1. the text;
 * 2. the number, when it is written as in JSON and JavaScript holds it exactly enough (no `0x10`, no `1abc`, no ` 1`, no
 *    whole number beyond 2^53);
 * 3. the boolean, for `true` and `false`;
 * 4. the `bigint`, for a whole number;
 * 5. the list or object, when it is JSON; else the comma-separated list.
 *
 * @param isObject - the field is known to be an object, so a list makes no sense
 */
export function candidates(text: string, isObject = false): unknown[] {
  const values: unknown[] = [text]
  if (number.test(text)) {
    const value = Number(text)
    if (Number.isFinite(value) && (!integer.test(text) || Number.isSafeInteger(value))) values.push(value)
  }
  if (text === 'true' || text === 'false') values.push(text === 'true')
  if (integer.test(text)) values.push(BigInt(text))
  const json = /^\s*[[{]/.test(text) ? readJson(text) : undefined
  if (json !== undefined) values.push(json)
  else if (!isObject) values.push(new TextList(splitList(text)))
  return values
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch {
    return undefined
  }
}
