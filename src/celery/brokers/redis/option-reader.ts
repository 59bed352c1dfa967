/** Reads transport options, and collects what is wrong with them. */
export interface OptionReader {
  readonly problems: readonly string[]
  problem(text: string): void
  /** A number, or a text with one, as in the query of a URL. */
  seconds(name: string, fallback: number, smallest: number): number
  count(name: string): number | undefined
  text(name: string): string | undefined
  flag(name: string, fallback: boolean): boolean
  /** A text; `true` for the fallback, `false` for the empty one. */
  textOrSwitch(name: string, fallback: string): string
  /** The first of them when nothing is said. */
  oneOf<T extends string>(name: string, choices: readonly [T, ...T[]]): T
  steps(name: string, fallback: readonly number[]): readonly number[]
  record(name: string): Readonly<Record<string, unknown>>
}

export function optionReader(given: Readonly<Record<string, unknown>>): OptionReader {
  const problems: string[] = []
  const problem = (text: string): void => void problems.push(text)
  const expected = <T>(name: string, what: string, found: unknown, fallback: T): T => {
    problem(`\`${name}\` must be ${what}, found ${typeof found}`)
    return fallback
  }
  // Python's `None` stands for the default.
  const get = (name: string): unknown => given[name] ?? undefined
  return {
    problems,
    problem,
    seconds(name, fallback, smallest) {
      const value = get(name)
      if (value === undefined) return fallback
      const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
      if (typeof seconds === 'number' && seconds >= smallest && Number.isFinite(seconds)) return seconds
      problem(`\`${name}\` must be a number of at least ${smallest} seconds`)
      return fallback
    },
    count(name) {
      const value = get(name)
      if (value === undefined || (Number.isInteger(value) && Number(value) > 0)) return value as number | undefined
      return expected(name, 'a whole number above 0', value, undefined)
    },
    text(name) {
      const value = get(name)
      return value === undefined || typeof value === 'string' ? value : expected(name, 'a text', value, undefined)
    },
    flag(name, fallback) {
      const value = get(name)
      if (value === undefined) return fallback
      return typeof value === 'boolean' ? value : expected(name, 'true or false', value, fallback)
    },
    textOrSwitch(name, fallback) {
      const value = get(name)
      if (value === undefined || value === true) return fallback
      if (value === false) return ''
      return typeof value === 'string' ? value : expected(name, 'a text, true or false', value, fallback)
    },
    oneOf(name, choices) {
      const value = get(name)
      const choice = value === undefined ? choices[0] : choices.find((one) => one === value)
      if (choice !== undefined) return choice
      problem(`\`${name}\` must be ${choices.map((one) => `'${one}'`).join(', ')}, found something else`)
      return choices[0]
    },
    steps(name, fallback) {
      const value = get(name)
      if (value === undefined) return fallback
      const steps = Array.isArray(value) ? [...value].sort((a, b) => a - b) : []
      if (steps.length > 0 && steps.every((step) => Number.isInteger(step) && step >= 0 && step <= 9)) return steps
      return expected(name, 'a list of whole numbers from 0 to 9', value, fallback)
    },
    record(name) {
      const value = get(name)
      if (value === undefined) return {}
      return typeof value === 'object' ? (value as Record<string, unknown>) : expected(name, 'an object', value, {})
    },
  }
}
