/** How uploads are received. What one file may be is said by `arg.file` and `arg.files`. */
export interface UploadOptions {
  /** Where temporary files go: each request makes a folder of its own in it. Default: that of the system. */
  readonly directory?: string | undefined
  /**
   * How many bytes of all files of a request together are kept in memory; what does not fit goes into temporary files.
   * Default 1 MiB (1,048,576).
   */
  readonly memory?: number | undefined
  /**
   * How many bytes the whole body may have, instead of what follows from the declared files and the limit of the route, which
   * holds for everything that is no file.
   */
  readonly totalSize?: number | undefined
  /** How many parts, fields and files together, a body may have, those that nobody declared included. Default 1000. */
  readonly parts?: number | undefined
}

/** {@link UploadOptions} with the defaults. */
export interface UploadSettings {
  readonly directory: string | undefined
  readonly memory: number
  readonly totalSize: number | undefined
  readonly parts: number
}

export const DEFAULT_UPLOADS: UploadSettings = {
  directory: undefined,
  memory: 1_048_576,
  totalSize: undefined,
  parts: 1000,
}

/** What is wrong with options. */
export function uploadProblems({ directory, ...numbers }: UploadOptions): readonly string[] {
  const problems = Object.entries(numbers).flatMap(([name, value]) => {
    const least = name === 'memory' ? 0 : 1
    const holds = value === undefined || (Number.isSafeInteger(value) && value >= least)
    return holds ? [] : [`\`uploads.${name}\` must be a whole number from ${least}, found ${String(value)}`]
  })
  if (directory === '') problems.push('`uploads.directory` must not be empty')
  return problems
}
