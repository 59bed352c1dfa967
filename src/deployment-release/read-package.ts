import { join } from 'node:path'
import { ReleaseError } from './errors.ts'
import { lookUpward, readText } from './read-text.ts'

/**
 * Reads `name@version` from the nearest package.json, in a directory or above it, that has both.
 *
 * @throws ReleaseError `ERR_RELEASE_UNREADABLE`, also when one on the way is no JSON
 */
export function readPackage(directory: string): string | undefined {
  return lookUpward(directory, (at) => {
    const path = join(at, 'package.json')
    const text = readText(path)
    return text === undefined ? undefined : readNameAndVersion(path, text)
  })
}

function readNameAndVersion(path: string, text: string): string | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ReleaseError('ERR_RELEASE_UNREADABLE', path, 'expected JSON', { cause: error })
  }
  const { name, version } = (json ?? {}) as { name?: unknown; version?: unknown }
  const isWhole = typeof name === 'string' && typeof version === 'string' && name !== '' && version !== ''
  return isWhole ? `${name}@${version}` : undefined
}
