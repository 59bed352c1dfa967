/**
 * A request's headers. Names are looked up without regard to case. Lines that came more than once are kept apart, because
 * a check such as "exactly one `Authorization`" cannot be made on the joined text.
 */
export interface RequestHeaders {
  /** The value, several lines joined by `, ` (cookies by `; `); undefined when the header did not come. */
  get(name: string): string | undefined
  /** Each line by itself, in the order they came. */
  getAll(name: string): readonly string[]
  /** Every line as `[lower-case name, value]`. */
  entries(): Iterable<readonly [name: string, value: string]>
}

/** Headers as Node gives them raw: `[name, value, name, value, …]`. */
export class RawHeaders implements RequestHeaders {
  readonly #raw: readonly string[]

  constructor(raw: readonly string[]) {
    this.#raw = raw
  }

  get(name: string): string | undefined {
    const values = this.getAll(name)
    return values.length < 2 ? values[0] : values.join(name.toLowerCase() === 'cookie' ? '; ' : ', ')
  }

  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase()
    const raw = this.#raw
    let found: string[] | undefined
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const candidate = raw[i] as string
      if (candidate.length === wanted.length && candidate.toLowerCase() === wanted) {
        found ??= []
        found.push(raw[i + 1] as string)
      }
    }
    return found ?? none
  }

  *entries(): Iterable<readonly [string, string]> {
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      yield [(this.#raw[i] as string).toLowerCase(), this.#raw[i + 1] as string]
    }
  }
}

const none: readonly string[] = []
