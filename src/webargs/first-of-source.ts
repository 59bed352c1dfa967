import type { HttpRequest } from '../http/request.ts'
import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import { addTooMany, isOver } from './admit.ts'
import { DelimitedItems } from './arg-lists.ts'
import type { ArgLocation } from './arg-location.ts'
import type { ArgsSource } from './args-plan.ts'
import type { ArgsSettings, FirstOfLocation } from './args-settings.ts'
import { addTooMuch, bodyKind, NO_BODY, readForm, readJson } from './body-input.ts'
import { AT_TOP, type Checker, REFUSED } from './checker.ts'
import { overLimit, tooMuch } from './limits.ts'
import { type Problems, shownKey } from './problems.ts'
import { type TextSource, textSource } from './text-source.ts'

/** One of the places in which fields are looked for. */
interface Place {
  readonly location: FirstOfLocation
  /** The value of a field, undefined when it did not come. */
  valueOf(name: string): unknown
}

/**
 * The look-up of webargs before 6: each field is taken from the first of several locations that has it. Only declared fields
 * are seen. A body of another content type counts as none, and JSON that is no object holds no fields. A single value for a
 * list is a list of one in JSON too, and a delimited list may also be a list.
 */
export class FirstOfSource implements ArgsSource {
  readonly names: ReadonlySet<string>
  readonly #checker: Checker
  readonly #locations: readonly FirstOfLocation[]
  readonly #delimited: ReadonlySet<string>
  readonly #settings: ArgsSettings

  /** @param delimited - the names of delimited lists */
  constructor(
    checker: Checker & { readonly names: ReadonlySet<string> },
    locations: readonly FirstOfLocation[],
    delimited: ReadonlySet<string>,
    settings: ArgsSettings,
  ) {
    this.names = checker.names
    this.#checker = checker
    this.#locations = locations
    this.#delimited = delimited
    this.#settings = settings
  }

  read(request: HttpRequest, problems: Problems): MaybePromise<unknown> {
    const hasBody = this.#locations.includes('json') || this.#locations.includes('form')
    if (!hasBody) return this.#check(request, undefined, problems)
    // A body that cannot be read may have held any field, so none is called missing.
    return this.#openBody(request, problems).then((body) =>
      problems.issues.length > 0 ? undefined : this.#check(request, body, problems),
    )
  }

  async #openBody(request: HttpRequest, problems: Problems): Promise<Place | undefined> {
    const kind = bodyKind(request)
    if (kind === 'form' && this.#locations.includes('form')) {
      const source = await readForm(request, 'form', problems, this.#settings.uploads)
      return source === NO_BODY || source === REFUSED ? undefined : this.#placeOfTexts('form', source, problems)
    }
    if (kind !== 'json' || !this.#locations.includes('json')) return undefined
    const value = await readJson(request, 'json', problems, (json) => json)
    const over = overLimit(value, this.#settings.limits)
    if (over !== undefined) addTooMuch(problems, 'json', tooMuch(over, this.#settings.limits))
    if (over !== undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const members = value as Readonly<Record<string, unknown>>
    return {
      location: 'json',
      valueOf: (name) => (Object.hasOwn(members, name) ? this.#fromJson(name, members[name]) : undefined),
    }
  }

  #placeOfTexts(location: FirstOfLocation, source: TextSource, problems: Problems): Place | undefined {
    const { fields } = this.#settings.limits
    if (source.size > fields) {
      addTooMuch(problems, location, tooMuch('fields', this.#settings.limits))
      return undefined
    }
    return {
      location,
      valueOf: (name) => {
        if (!this.#checker.lists.has(name)) return this.#whole(name, source.get(name))
        const values = source.getAll(name)
        return values.length === 0 ? undefined : values
      },
    }
  }

  #fromJson(name: string, value: unknown): unknown {
    if (this.#checker.lists.has(name)) return Array.isArray(value) || value === null ? value : [value]
    return this.#whole(name, value)
  }

  /** A delimited list may have come as a list, and an empty text has one item, as in webargs 5. */
  #whole(name: string, value: unknown): unknown {
    if (!this.#delimited.has(name)) return value
    if (value === '') return new DelimitedItems([value])
    return Array.isArray(value) ? new DelimitedItems(value) : value
  }

  #check(request: HttpRequest, body: Place | undefined, problems: Problems): MaybePromise<unknown> {
    const places = this.#locations.flatMap((location): readonly Place[] => {
      if (location === 'json' || location === 'form') return body?.location === location ? [body] : []
      const place = this.#placeOfTexts(location, textSource(request, location), problems)
      return place === undefined ? [] : [place]
    })
    // What a place over its limit held is not known, so no field is called missing.
    if (problems.issues.length > 0) return undefined
    const input: Record<string, unknown> = {}
    const origins = new Map<unknown, ArgLocation>()
    for (const name of this.names) {
      for (const place of places) {
        const value = place.valueOf(name)
        if (value === undefined) continue
        if (place.location === 'headers' && isOver(value, this.#settings.limits.fields)) {
          addTooMany(problems, 'headers', name)
          return undefined
        }
        input[name] = value
        origins.set(shownKey(name), place.location)
        break
      }
    }
    const first = this.#locations[0] as FirstOfLocation
    const before = problems.issues.length
    // Issues are told where they are below; until then JSON stands for all, whose lists may be longer than those of texts.
    const location = this.#locations.includes('json') ? 'json' : first
    const output = this.#checker.check(input, problems, location, AT_TOP)
    const relocate = () => problems.relocate(before, (path) => origins.get(path[0]) ?? first)
    if (isPromiseLike(output)) {
      return output.then((settled) => {
        relocate()
        return settled
      })
    }
    relocate()
    return output
  }
}
