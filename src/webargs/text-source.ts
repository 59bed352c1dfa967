import type { HttpRequest } from '../http/request.ts'

/** A location whose values are texts. */
export interface TextSource {
  /** How many fields came, repeated ones counted. */
  readonly size: number
  /** The first value of a field; undefined when it did not come. */
  get(name: string): string | undefined
  /** All its values; none when it did not come. */
  getAll(name: string): readonly string[]
  /** The names that came; one may come up several times. */
  names(): Iterable<string>
}

/** A location of {@link TextSource}s that needs no waiting. */
export type TextLocation = 'path' | 'query' | 'headers' | 'cookies'

/** The texts of a location. */
export function textSource(request: HttpRequest, location: TextLocation): TextSource {
  switch (location) {
    case 'query':
      return new ParametersSource(request.query)
    case 'headers':
      return new HeadersSource(request)
    case 'cookies':
      return new RecordSource(request.cookies)
    case 'path':
      return new RecordSource(request.params)
    default:
      return location satisfies never
  }
}

/** A query or a form. */
export class ParametersSource implements TextSource {
  readonly #parameters: URLSearchParams

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters
  }

  get size(): number {
    return this.#parameters.size
  }

  get(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined
  }

  getAll(name: string): readonly string[] {
    return this.#parameters.getAll(name)
  }

  names(): Iterable<string> {
    return this.#parameters.keys()
  }
}

/**
 * Names without regard to case. Some servers have joined repeated lines before anybody sees them, so a list is what stands
 * between commas (RFC 9110 §5.3), however many lines it came in.
 */
class HeadersSource implements TextSource {
  readonly #request: HttpRequest

  constructor(request: HttpRequest) {
    this.#request = request
  }

  get size(): number {
    return [...this.#request.headers.entries()].length
  }

  get(name: string): string | undefined {
    return this.#request.headers.get(name)
  }

  getAll(name: string): readonly string[] {
    const value = this.#request.headers.get(name)
    if (value === undefined) return []
    return value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  *names(): Iterable<string> {
    for (const [name] of this.#request.headers.entries()) yield name
  }
}

/** Path parameters or cookies: one value for each name. */
class RecordSource implements TextSource {
  readonly #record: Readonly<Record<string, string | undefined>>

  constructor(record: Readonly<Record<string, string | undefined>>) {
    this.#record = record
  }

  get size(): number {
    return Object.keys(this.#record).length
  }

  get(name: string): string | undefined {
    return Object.hasOwn(this.#record, name) ? this.#record[name] : undefined
  }

  getAll(name: string): readonly string[] {
    const value = this.get(name)
    return value === undefined ? [] : [value]
  }

  names(): Iterable<string> {
    return Object.keys(this.#record)
  }
}
