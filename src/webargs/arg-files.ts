import {
  type Arg,
  type ArgOptions,
  type ArgValue,
  type Checked,
  createArg,
  fail,
  type JsonSchema,
} from './arg-field.ts'
import { type MediaRanges, mediaRanges } from './media-ranges.ts'
import { UploadedFile } from './uploaded-file.ts'

/** What may be said of each file. */
interface FileLimits {
  /** How large the file may be, in bytes. A larger one is answered 413 as soon as it is. Default 10 MiB (10,485,760). */
  readonly maxSize?: number | undefined
  /** Its media type as the client declares it: `['image/*', 'application/pdf']`. Default: any. */
  readonly types?: readonly string[] | undefined
}

/** The options of `arg.file()`. */
export type FileOptions<Optional extends boolean> = FileLimits &
  Pick<ArgOptions<UploadedFile, Optional>, 'optional' | 'description'>

/** The options of `arg.files()`. */
export type FilesOptions<Optional extends boolean> = FileLimits &
  Pick<ArgOptions<UploadedFile[], Optional>, 'optional' | 'description'> & {
    /** How many files there must be, when the field comes at all. Default 1. */
    readonly minCount?: number | undefined
    /** How many files there may be. One more is answered 413 as soon as it comes. Default 10. */
    readonly maxCount?: number | undefined
  }

/** What holds for the files of a field while they are read. */
export interface FileRule {
  readonly maxSize: number
  readonly types: MediaRanges | undefined
  readonly maxCount: number
}

const MAX_SIZE = 10_485_760
const MAX_COUNT = 10

/** For a field that is another schema, such as `z.instanceof(UploadedFile)`. */
export const DEFAULT_FILE_RULE: FileRule = { maxSize: MAX_SIZE, types: undefined, maxCount: MAX_COUNT }

const RULE: unique symbol = Symbol('file rule')

/** The rule of a field that {@link file} or {@link files} made, else undefined. */
export function fileRuleOf(schema: object): FileRule | undefined {
  return (schema as { readonly [RULE]?: FileRule })[RULE]
}

const NOT_A_FILE = fail('invalid_type', 'Not a valid file.')
const NOT_FILES = fail('invalid_type', 'Not a valid list of files.')

/** One file, in the location `files`. Of several under its name the first counts, and the others are not kept. */
export function file<Optional extends boolean = false>(
  options: FileOptions<Optional> = {},
): Arg<ArgValue<UploadedFile, Optional, false>> {
  const rule = toRule(options, 1)
  const check = (value: unknown): Checked<UploadedFile> => (value instanceof UploadedFile ? { value } : NOT_A_FILE)
  return Object.defineProperty(createArg({ check, json: fileSchema(rule) }, ofField(options)), RULE, { value: rule })
}

/** Several files under one name, in the location `files`: a list, however many came. */
export function files<Optional extends boolean = false>(
  options: FilesOptions<Optional> = {},
): Arg<ArgValue<UploadedFile[], Optional, false>> {
  const { minCount = 1, maxCount = MAX_COUNT } = options
  if (!Number.isSafeInteger(minCount) || minCount < 1) {
    throw new TypeError(`\`minCount\` must be a whole number from 1, found ${String(minCount)}`)
  }
  if (!Number.isSafeInteger(maxCount) || maxCount < minCount) {
    throw new TypeError(`\`maxCount\` must be a whole number from ${minCount}, found ${String(maxCount)}`)
  }
  const rule = toRule(options, maxCount)
  const tooFew = fail('too_small', `There must be at least ${minCount} file${minCount === 1 ? '' : 's'}.`)
  const check = (value: unknown): Checked<UploadedFile[]> => {
    if (!Array.isArray(value) || !value.every((item) => item instanceof UploadedFile)) return NOT_FILES
    return value.length < minCount ? tooFew : { value }
  }
  const json = { type: 'array', items: fileSchema(rule), minItems: minCount, maxItems: maxCount }
  return Object.defineProperty(createArg({ check, json }, ofField(options)), RULE, { value: rule })
}

function ofField<T, Optional extends boolean>({
  optional,
  description,
}: Pick<ArgOptions<T, Optional>, 'optional' | 'description'>): ArgOptions<T, Optional> {
  return { optional, description }
}

function toRule({ maxSize = MAX_SIZE, types }: FileLimits, maxCount: number): FileRule {
  if (!Number.isSafeInteger(maxSize) || maxSize < 1) {
    throw new TypeError(`\`maxSize\` must be a whole number from 1, found ${String(maxSize)}`)
  }
  return { maxSize, types: types === undefined ? undefined : mediaRanges(types), maxCount }
}

/** As OpenAPI 3.1 writes a file in `multipart/form-data`. */
function fileSchema({ types }: FileRule): JsonSchema {
  const only = types?.length === 1 && types[0]?.endsWith('*') === false ? types[0] : 'application/octet-stream'
  return { type: 'string', contentMediaType: only }
}
