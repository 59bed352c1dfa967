import { JsonParser, type ReadJsonOptions, tooDeep, tooMany } from './json-parser.ts'
import { MAX_CONTAINERS, MAX_DEPTH } from './limits.ts'

/**
 * Reads the JSON of Celery. What `JSON.parse` would read otherwise (typed values, integers beyond 2^53, `NaN`) goes through a
 * parser of our own; everything else through `JSON.parse`, several times faster.
 *
 * @param text - the whole text
 * @returns the value; `__proto__` in it is a member like any other
 * @throws MessageError `ERR_CELERY_MESSAGE` when it is not JSON, without any of the text; `ERR_CELERY_TOO_LARGE` when it is
 * nested deeper than 400 levels, holds more than two million lists and objects, or an integer has more than 4300 digits
 */
export function readJson(text: string, options: ReadJsonOptions = {}): unknown {
  if (!text.includes('__type__') && !ESCAPED_LETTER.test(text) && isOrdinary(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // `NaN` and `Infinity` end here. V8's message would show the arguments; ours has the place alone.
    }
  }
  return new JsonParser(text, options).parse()
}

// A letter or underscore that is needlessly escaped, as in `"\u005f_type__"`.
const ESCAPED_LETTER = /\\u00[5-7]/

/**
 * Tells whether the text has no integer of 16 digits or more; whether it is JSON is for the parser to find.
 *
 * @throws MessageError `ERR_CELERY_TOO_LARGE` when brackets are nested too deep, or too many
 */
function isOrdinary(text: string): boolean {
  let depth = 0
  let containers = 0
  let digits = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 0x30 && c <= 0x39) {
      if (++digits === 16) return false
    } else if (c === 0x2e) {
      // What follows the point may be long: `JSON.parse` reads floats exactly.
      digits = Number.NEGATIVE_INFINITY
    } else {
      digits = 0
      if (c === 0x22) i = endOfString(text, i)
      else if (c === 0x5d || c === 0x7d) depth--
      else if (c === 0x5b || c === 0x7b) {
        if (++depth > MAX_DEPTH) throw tooDeep()
        if (++containers > MAX_CONTAINERS) throw tooMany()
      }
    }
  }
  return true
}

/** The place of the quote that ends the text beginning at `start`; the end of everything when there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}
