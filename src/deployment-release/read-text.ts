import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ReleaseError } from './errors.ts'

/**
 * Reads a file that may be absent.
 *
 * @returns undefined when it, or a directory above it, is not there
 * @throws ReleaseError `ERR_RELEASE_UNREADABLE` when it is there and cannot be read
 */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ReleaseError('ERR_RELEASE_UNREADABLE', path, code, { cause: error })
  }
}

/** Looks in a directory, then in the one above it and so on, until `look` finds something. */
export function lookUpward<T>(directory: string, look: (directory: string) => T | undefined): T | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const found = look(at)
    if (found !== undefined || at === dirname(at)) return found
  }
}
