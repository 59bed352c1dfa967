import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ReleaseError } from './errors.ts'
import { resetReleaseCache } from './get-release.ts'

/** Where to write. */
export interface WriteReleaseOptions {
  /** Default: the working directory. It must exist. */
  readonly directory?: string | undefined
  /** The file's name, or its path from `directory`. Default `'version.txt'`. */
  readonly file?: string | undefined
}

/**
 * Writes the file that `getRelease` reads, for a build script. Whoever reads at the same time sees the old file or the new
 * one, never a half: the text goes into a new file beside it, which then takes its name.
 *
 * @param release - one line of text
 * @param options - another directory or file
 * @returns the file's absolute path
 * @throws ReleaseError `ERR_RELEASE_UNWRITABLE`
 * @throws TypeError when the release is empty or more than one line
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os'
 * import { writeRelease } from 'twopi/deployment-release'
 *
 * export const path = writeRelease('1.2.0', { directory: tmpdir() })
 * ```
 */
export function writeRelease(
  release: string,
  { directory = '.', file = 'version.txt' }: WriteReleaseOptions = {},
): string {
  const text = release.trim()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the check is for
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new TypeError(
      `\`release\` must be one line of text, found ${text === '' ? 'none' : 'a line break or another control character'}`,
    )
  }
  const path = resolve(directory, file)
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    writeFileSync(temporary, `${text}\n`, { flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ReleaseError('ERR_RELEASE_UNWRITABLE', path, reason, { cause: error })
  }
  resetReleaseCache()
  return path
}
