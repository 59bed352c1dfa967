import type { HttpRequest } from '../http/request.ts'
import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import { all } from './all.ts'
import type { ArgsSettings } from './args-settings.ts'
import type { LocationReader } from './location-reader.ts'
import { Problems } from './problems.ts'
import { ValidationError } from './validation-error.ts'

/** Reads what a plan's locations hold; the outputs are in the order of its names. */
export interface ArgsSource {
  /** The names that it takes; undefined when they cannot be seen. */
  readonly names: ReadonlySet<string> | undefined
  /** Gives `args`, or anything at all when `problems` got something. */
  read(request: HttpRequest, problems: Problems): MaybePromise<unknown>
}

/** One location. */
export class SingleSource implements ArgsSource {
  readonly names: ReadonlySet<string> | undefined
  readonly #reader: LocationReader

  constructor(reader: LocationReader) {
    this.#reader = reader
    this.names = reader.many ? undefined : reader.checker.names
  }

  read(request: HttpRequest, problems: Problems): MaybePromise<unknown> {
    return this.#reader.read(request, problems)
  }
}

/** Several locations: all are read, whatever is wrong with the first, and what they give is merged. */
export class MergedSource implements ArgsSource {
  readonly names: ReadonlySet<string> | undefined
  readonly #readers: readonly LocationReader[]
  readonly #owners: ReadonlyMap<string, LocationReader>

  constructor(readers: readonly LocationReader[]) {
    this.#readers = readers
    this.#owners = new Map(readers.flatMap((reader) => [...(reader.checker.names ?? [])].map((name) => [name, reader])))
    this.names = new Set(this.#owners.keys())
  }

  read(request: HttpRequest, problems: Problems): MaybePromise<unknown> {
    const outputs = all(this.#readers, (reader) => reader.read(request, problems))
    return isPromiseLike(outputs) ? outputs.then((list) => this.#merge(list)) : this.#merge(outputs)
  }

  /** What a location was not asked for never stands in for what another one declares. */
  #merge(outputs: readonly unknown[]): unknown {
    const args: Record<string, unknown> = {}
    for (const [i, reader] of this.#readers.entries()) {
      for (const [name, value] of Object.entries((outputs[i] as object | undefined) ?? {})) {
        const owner = this.#owners.get(name)
        const isFree = owner === undefined && !Object.hasOwn(args, name) && name !== '__proto__'
        if (owner === reader || isFree) args[name] = value
      }
    }
    return args
  }
}

/** A declaration, ready to be met by requests. */
export class ArgsPlan {
  readonly source: ArgsSource
  readonly settings: ArgsSettings

  constructor(source: ArgsSource, settings: ArgsSettings) {
    this.source = source
    this.settings = settings
  }

  /**
   * Reads a request and goes on with its `args`.
   *
   * @returns what `next` gives; a promise only when the body is read or a schema is asynchronous
   * @throws ValidationError with everything that is wrong
   */
  read<Result>(request: HttpRequest, next: (args: unknown) => Result): MaybePromise<Result> {
    const problems = new Problems(this.settings.messages, this.settings.limits)
    const args = this.source.read(request, problems)
    if (isPromiseLike(args)) return args.then((settled) => next(this.#settle(settled, problems, request)))
    return next(this.#settle(args, problems, request))
  }

  #settle(args: unknown, problems: Problems, request: HttpRequest): unknown {
    if (problems.issues.length === 0) return args
    const { layout, statuses, errorHandler } = this.settings
    const { issues, code, cause } = problems
    const error = new ValidationError(issues, { code, status: statuses[code], layout, cause })
    throw errorHandler?.(error, request) ?? error
  }
}
