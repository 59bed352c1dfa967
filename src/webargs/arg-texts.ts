import { type Arg, type ArgOptions, type ArgValue, type Checked, createArg, fail } from './arg-field.ts'
import { assertLengths, bounds, LENGTH_WORDS, type Range, rangeCheck } from './arg-range.ts'

const NOT_A_STRING = fail('invalid_type', 'Not a valid string.')
const NOT_WRITABLE = fail('invalid_format', 'Not a valid string.')
const NO_MATCH = fail('invalid_format', 'String does not match expected pattern.')
const NOT_A_BOOLEAN = fail('invalid_type', 'Not a valid boolean.')

/** The options of `arg.string()`. */
export type StringOptions<Optional extends boolean, Nullable extends boolean> = ArgOptions<string, Optional, Nullable> &
  Range<number> & {
    /** It must match somewhere; use `^` and `$` for all of it. */
    readonly pattern?: RegExp | undefined
  }

/**
 * A text. `min` and `max` count characters, as JSON Schema does (code points). NUL and halves of surrogate pairs are refused,
 * because databases refuse them.
 */
export function string<Optional extends boolean = false, Nullable extends boolean = false>(
  options: StringOptions<Optional, Nullable> = {},
): Arg<ArgValue<string, Optional, Nullable>> {
  assertLengths(options)
  const inRange = rangeCheck(options, LENGTH_WORDS)
  // A pattern with `g` or `y` would remember where it stopped.
  const pattern = options.pattern && new RegExp(options.pattern.source, options.pattern.flags.replace(/[gy]/g, ''))
  const bounded = options.min !== undefined || options.max !== undefined
  const check = (value: unknown): Checked<string> => {
    if (typeof value !== 'string') return NOT_A_STRING
    if (UNWRITABLE.test(value)) return NOT_WRITABLE
    const problem = bounded ? inRange(countCharacters(value)) : undefined
    if (problem !== undefined) return problem
    return pattern?.test(value) === false ? NO_MATCH : { value }
  }
  const json = {
    type: 'string',
    ...bounds(options, 'minLength', 'maxLength'),
    ...(pattern === undefined ? {} : { pattern: pattern.source }),
  }
  return createArg({ check, json }, options)
}

const UNWRITABLE = /[\0\p{Cs}]/u

/** Without making a list of them. */
function countCharacters(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--
  return count
}

/** One of some texts. */
export function oneOf<const Choice extends string, Optional extends boolean = false, Nullable extends boolean = false>(
  choices: readonly Choice[],
  options: ArgOptions<NoInfer<Choice>, Optional, Nullable> = {},
): Arg<ArgValue<Choice, Optional, Nullable>> {
  if (choices.length === 0) throw new TypeError('`choices` must hold at least one text, found none')
  const allowed: ReadonlySet<unknown> = new Set(choices)
  const refused = fail('invalid_value', `Must be one of: ${choices.join(', ')}.`)
  const check = (value: unknown): Checked<Choice> => {
    if (allowed.has(value)) return { value: value as Choice }
    return typeof value === 'string' ? refused : NOT_A_STRING
  }
  return createArg({ check, json: { type: 'string', enum: [...choices] } }, options)
}

// The words that marshmallow knows, and JSON's 1 and 0.
const TRUE: ReadonlySet<unknown> = new Set([...'t T true True TRUE on On ON y Y yes Yes YES 1'.split(' '), 1])
const FALSE: ReadonlySet<unknown> = new Set([...'f F false False FALSE off Off OFF n N no No NO 0'.split(' '), 0])

/** True or false: JSON's own, or the words that marshmallow knows. */
export function bool<Optional extends boolean = false, Nullable extends boolean = false>(
  options: ArgOptions<boolean, Optional, Nullable> = {},
): Arg<ArgValue<boolean, Optional, Nullable>> {
  const check = (value: unknown): Checked<boolean> => {
    if (typeof value === 'boolean') return { value }
    return TRUE.has(value) ? { value: true } : FALSE.has(value) ? { value: false } : NOT_A_BOOLEAN
  }
  return createArg({ check, json: { type: 'boolean' } }, options)
}
