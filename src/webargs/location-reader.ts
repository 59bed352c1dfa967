import type { HttpRequest } from '../http/request.ts'
import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import { type Admission, admitObject, admitTexts, type Fields, includeUnknown } from './admit.ts'
import { all } from './all.ts'
import { INVALID_INPUT_TYPE } from './arg-issue.ts'
import type { ArgLocation } from './arg-location.ts'
import type { ArgsSettings } from './args-settings.ts'
import { addTooMuch, bodyKind, NO_BODY, readForm, readJson, refuseOther } from './body-input.ts'
import { AT_TOP, type Base, type Checker, REFUSED } from './checker.ts'
import { overLimit, tooMuch } from './limits.ts'
import type { FilesPlan } from './multipart-body.ts'
import type { Problems } from './problems.ts'
import { readFiles } from './read-files.ts'
import { type TextSource, textSource } from './text-source.ts'

/** Reads and checks what one location holds. */
export class LocationReader {
  readonly location: ArgLocation
  readonly checker: Checker
  readonly many: boolean
  readonly #settings: ArgsSettings
  readonly #admission: Admission
  readonly #files: FilesPlan | undefined

  /**
   * @param many - whether the body is a list of what the checker checks
   * @param files - what is to be received in the location `files`
   */
  constructor(location: ArgLocation, checker: Checker, settings: ArgsSettings, many: boolean, files?: FilesPlan) {
    this.location = location
    this.checker = checker
    this.many = many
    this.#settings = settings
    this.#files = files
    this.#admission = { checker, location, policy: settings.unknown[location] }
  }

  /** Gives the output, or anything at all when `problems` got something. Texts without asynchronous schemas need no promise. */
  read(request: HttpRequest, problems: Problems): MaybePromise<unknown> {
    const { location } = this
    switch (location) {
      case 'path':
      case 'query':
      case 'headers':
      case 'cookies':
        return this.#checkTexts(textSource(request, location), problems)
      case 'json':
        return readJson(request, 'json', problems, (value) => this.#checkJson(value, problems))
      case 'form':
        return this.#readForm(request, problems)
      case 'json_or_form':
        return this.#readEither(request, problems)
      case 'files':
        return this.#readFiles(request, problems)
      default:
        return location satisfies never
    }
  }

  #readForm(request: HttpRequest, problems: Problems): Promise<unknown> {
    return readForm(request, this.location, problems, this.#settings.uploads).then((source) => {
      if (source === REFUSED) return undefined
      return source === NO_BODY ? this.#checkJson(NO_BODY, problems) : this.#checkTexts(source, problems)
    })
  }

  async #readFiles(request: HttpRequest, problems: Problems): Promise<unknown> {
    if (this.#files === undefined) throw new TypeError('the location `files` needs to be told what to receive')
    const input = await readFiles(request, this.#files, problems)
    return input === REFUSED ? undefined : this.checker.check(input, problems, 'files', AT_TOP)
  }

  #readEither(request: HttpRequest, problems: Problems): Promise<unknown> {
    const kind = bodyKind(request)
    if (kind === 'form') return this.#readForm(request, problems)
    const next = (value: unknown) => this.#checkJson(value, problems)
    // webargs names a body that cannot be read after what it should have been.
    if (kind === 'json') return readJson(request, 'json', problems, next)
    return refuseOther(request, this.location, problems).then(next)
  }

  #checkTexts(source: TextSource, problems: Problems): MaybePromise<unknown> {
    if (source.size > this.#settings.limits.fields) {
      addTooMuch(problems, this.location, tooMuch('fields', this.#settings.limits))
      return undefined
    }
    const input = admitTexts(source, this.#admission, problems)
    const output = this.checker.check(input, problems, this.location, AT_TOP)
    return this.#include(output, source.names(), (name) => source.get(name))
  }

  #checkJson(value: unknown, problems: Problems): MaybePromise<unknown> {
    if (value === REFUSED) return undefined
    const body = value === NO_BODY ? undefined : value
    const over = overLimit(body, this.#settings.limits)
    if (over !== undefined) {
      addTooMuch(problems, this.location, tooMuch(over, this.#settings.limits))
      return undefined
    }
    if (this.many) return this.#checkMany(body, problems)
    return this.#checkOne(value === NO_BODY && this.checker.wantsObject ? {} : body, problems, AT_TOP)
  }

  #checkMany(body: unknown, problems: Problems): MaybePromise<unknown> {
    if (!Array.isArray(body)) {
      problems.add(this.location, { path: [], code: 'invalid_type', message: INVALID_INPUT_TYPE, whole: true })
      return undefined
    }
    return all(body, (item, i) => this.#checkOne(item, problems, [i]))
  }

  #checkOne(value: unknown, problems: Problems, base: Base): MaybePromise<unknown> {
    const input = admitObject(value, this.#admission, problems, base)
    if (input === REFUSED) return undefined
    const output = this.checker.check(input, problems, this.location, base)
    if (this.#admission.policy !== 'include' || typeof value !== 'object' || value === null) return output
    return this.#include(output, Object.keys(value), (name) => (value as Fields)[name])
  }

  #include(
    output: MaybePromise<unknown>,
    names: Iterable<string>,
    read: (name: string) => unknown,
  ): MaybePromise<unknown> {
    if (this.#admission.policy !== 'include') return output
    if (isPromiseLike(output)) return output.then((settled) => includeUnknown(settled, this.#admission, names, read))
    return includeUnknown(output, this.#admission, names, read)
  }
}
