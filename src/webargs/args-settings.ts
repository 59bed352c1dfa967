import type { HttpRequest } from '../http/request.ts'
import { type ArgLocation, DEFAULT_UNKNOWN, isArgLocation, type UnknownPolicy } from './arg-location.ts'
import type { ErrorLayout } from './layouts.ts'
import { type ArgLimits, DEFAULT_LIMITS } from './limits.ts'
import type { MessageChoice } from './to-arg-issues.ts'
import { DEFAULT_UPLOADS, type UploadOptions, type UploadSettings, uploadProblems } from './upload-options.ts'
import type { ValidationError, ValidationErrorCode } from './validation-error.ts'

/** The statuses of the four kinds of refusal. */
export interface ArgStatuses {
  /** Default 422. */
  readonly invalid?: number | undefined
  /** JSON or a form that cannot be read. Default 400. */
  readonly malformed?: number | undefined
  /** A body of another content type. Default 415. */
  readonly contentType?: number | undefined
  /** A body over the limit of its bytes, or anything over {@link ArgLimits}. Default 413. */
  readonly tooLarge?: number | undefined
}

/** A location in which fields may be looked for one after the other. */
export type FirstOfLocation = 'path' | 'query' | 'headers' | 'cookies' | 'json' | 'form'

/** What a parser and each of its calls may be told; what a call says goes before what its parser says. */
export interface ArgsOptions {
  /** Where the arguments are, when the shape does not say. Default `'json'`. */
  readonly location?: ArgLocation | undefined
  /**
   * Looks for each field in several locations and takes it from the first one that has it, as webargs did before 6. Instead
   * of `location`. Unknown fields are not looked at.
   */
  readonly firstOf?: readonly FirstOfLocation[] | undefined
  /** What becomes of fields that nobody declared, by location. Default as webargs 8: see `docs/webargs.md`. */
  readonly unknown?: { readonly [Location in ArgLocation]?: UnknownPolicy | undefined } | undefined
  /** How errors are laid out. Default `'location'`. */
  readonly layout?: ErrorLayout | undefined
  readonly statuses?: ArgStatuses | undefined
  /**
   * Default `'safe'`: a message that shows something of the input is replaced by a constant one. `'library'` sends the
   * schema library's messages as they are: those of valibot and arktype repeat the input.
   */
  readonly messages?: MessageChoice | undefined
  readonly limits?: Partial<ArgLimits> | undefined
  /** How files are received. */
  readonly uploads?: UploadOptions | undefined
  /**
   * Is given the error before it is thrown; the error that it returns, or throws, is thrown instead.
   */
  readonly errorHandler?: ((error: ValidationError, request: HttpRequest) => Error | undefined) | undefined
}

/** {@link ArgsOptions} with nothing left out. */
export interface ArgsSettings {
  readonly location: ArgLocation
  readonly firstOf: readonly FirstOfLocation[] | undefined
  readonly unknown: Readonly<Record<ArgLocation, UnknownPolicy>>
  readonly layout: ErrorLayout
  readonly statuses: Readonly<Record<ValidationErrorCode, number>>
  readonly messages: MessageChoice
  readonly limits: ArgLimits
  readonly uploads: UploadSettings
  readonly errorHandler: ((error: ValidationError, request: HttpRequest) => Error | undefined) | undefined
}

export const DEFAULT_SETTINGS: ArgsSettings = {
  location: 'json',
  firstOf: undefined,
  unknown: DEFAULT_UNKNOWN,
  layout: 'location',
  statuses: { ERR_ARGS_INVALID: 422, ERR_ARGS_MALFORMED: 400, ERR_ARGS_CONTENT_TYPE: 415, ERR_ARGS_TOO_LARGE: 413 },
  messages: 'safe',
  limits: DEFAULT_LIMITS,
  uploads: DEFAULT_UPLOADS,
  errorHandler: undefined,
}

/**
 * Settings with options laid over them.
 *
 * @throws TypeError with everything that is wrong with the options
 */
export function withOptions(settings: ArgsSettings, options: ArgsOptions): ArgsSettings {
  const problems = optionProblems(options)
  if (problems.length > 0) throw new TypeError(problems.join('; '))
  const { invalid, malformed, contentType, tooLarge } = options.statuses ?? {}
  const { statuses } = settings
  return {
    location: options.location ?? settings.location,
    // Each of the two names the place, so one that a call gives puts away the other of its parser.
    firstOf: options.firstOf ?? (options.location === undefined ? settings.firstOf : undefined),
    unknown: { ...settings.unknown, ...defined(options.unknown) },
    layout: options.layout ?? settings.layout,
    statuses: {
      ERR_ARGS_INVALID: invalid ?? statuses.ERR_ARGS_INVALID,
      ERR_ARGS_MALFORMED: malformed ?? statuses.ERR_ARGS_MALFORMED,
      ERR_ARGS_CONTENT_TYPE: contentType ?? statuses.ERR_ARGS_CONTENT_TYPE,
      ERR_ARGS_TOO_LARGE: tooLarge ?? statuses.ERR_ARGS_TOO_LARGE,
    },
    messages: options.messages ?? settings.messages,
    limits: { ...settings.limits, ...defined(options.limits) },
    uploads: { ...settings.uploads, ...defined(options.uploads) },
    errorHandler: options.errorHandler ?? settings.errorHandler,
  }
}

/** The members that are not undefined. */
function defined<T extends object>(members: T | undefined): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(members ?? {}).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}

const FIRST_OF: ReadonlySet<string> = new Set(['path', 'query', 'headers', 'cookies', 'json', 'form'])

function optionProblems(options: ArgsOptions): readonly string[] {
  const { location, firstOf, unknown = {}, layout, messages, statuses = {}, limits = {} } = options
  const strangers = misspelt(options)
  const problems: string[] =
    strangers.length === 0
      ? []
      : [`${strangers.map((name) => `\`${name}\``).join(', ')}: no such option of twopi/webargs`]
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem)
  }
  const oneOf = (name: string, value: string | undefined, allowed: readonly string[]) =>
    expect(
      value === undefined || allowed.includes(value),
      `\`${name}\` must be one of ${list(allowed)}, found "${value}"`,
    )

  oneOf('location', location, LOCATIONS)
  oneOf('layout', layout, ['location', 'flat', 'problem'])
  oneOf('messages', messages, ['safe', 'library'])
  expect(location === undefined || firstOf === undefined, '`location` and `firstOf` exclude each other')
  if (firstOf !== undefined) {
    expect(firstOf.length > 0, '`firstOf` must name at least one location')
    for (const name of firstOf) oneOf('firstOf', name, [...FIRST_OF])
  }
  const byLocation = typeof unknown === 'object' && unknown !== null
  const found = typeof unknown === 'string' ? `"${String(unknown)}"` : String(unknown)
  expect(byLocation, `\`unknown\` must be an object by location, such as { json: "raise" }, found ${found}`)
  for (const [name, policy] of Object.entries(byLocation ? unknown : {})) {
    expect(isArgLocation(name), `\`unknown\` must be by location (${list(LOCATIONS)}), found "${name}"`)
    oneOf(`unknown.${name}`, policy, ['raise', 'exclude', 'include'])
  }
  for (const [name, status] of Object.entries(statuses)) {
    const holds = status === undefined || (Number.isInteger(status) && status >= 400 && status <= 499)
    expect(holds, `\`statuses.${name}\` must be an integer from 400 to 499, found ${String(status)}`)
  }
  for (const [name, limit] of Object.entries(limits)) {
    const holds = limit === undefined || (Number.isSafeInteger(limit) && limit > 0)
    expect(holds, `\`limits.${name}\` must be a whole number from 1, found ${String(limit)}`)
  }
  problems.push(...uploadProblems(options.uploads ?? {}))
  return problems
}

/** The names that an options object may have, and those of the objects in it. */
const NAMES: ReadonlySet<string> = new Set([...Object.keys(DEFAULT_SETTINGS), 'many'])
const INNER: Readonly<Record<'limits' | 'statuses' | 'uploads', ReadonlySet<string>>> = {
  limits: new Set(Object.keys(DEFAULT_LIMITS)),
  statuses: new Set(['invalid', 'malformed', 'contentType', 'tooLarge']),
  uploads: new Set(Object.keys(DEFAULT_UPLOADS)),
}

/** What JavaScript does not notice would be an option without effect. */
function misspelt(options: ArgsOptions): readonly string[] {
  const inner = (['limits', 'statuses', 'uploads'] as const).flatMap((option) =>
    Object.keys(options[option] ?? {})
      .filter((name) => !INNER[option].has(name))
      .map((name) => `${option}.${name}`),
  )
  return [...Object.keys(options).filter((name) => !NAMES.has(name)), ...inner]
}

const LOCATIONS: readonly string[] = Object.keys(DEFAULT_UNKNOWN)

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
