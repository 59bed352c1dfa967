import { resolve } from 'node:path'
import { readGit } from './read-git.ts'
import { readPackage } from './read-package.ts'
import { readText } from './read-text.ts'
import { type ReleaseSource, releaseVariables } from './sources.ts'

/** Where to look. Relative paths start at the working directory. */
export type ReleaseOptions = {
  /** Where the file is, and where the search for `.git` and package.json starts upward. Default: the working directory. */
  readonly directory?: string | undefined
  /** The file's name, or its path from `directory`. Default `'version.txt'`. */
  readonly file?: string | undefined
} & (
  | {
      /** Look into git's files after the variables. Default false. */
      readonly git?: boolean | undefined
      /** Look into package.json last. Default false. */
      readonly packageJson?: boolean | undefined
      readonly sources?: undefined
    }
  | {
      /** The places in their order, instead of the default ones. */
      readonly sources: readonly ReleaseSource[]
      readonly git?: undefined
      readonly packageJson?: undefined
    }
)

/** A release, and who told it. */
export interface ReleaseInfo {
  /** `__UNKNOWN__` when nobody told. */
  readonly release: string
  readonly source: ReleaseSource | 'none'
}

const unknown: ReleaseInfo = Object.freeze({ release: '__UNKNOWN__', source: 'none' })

const cache = new Map<string, ReleaseInfo>()

/**
 * Tells which release of the application runs.
 *
 * Looks, in this order, into `version.txt` in the working directory, the variables `SENTRY_RELEASE`, `SOURCE_VERSION`,
 * `HEROKU_SLUG_COMMIT`, `HEROKU_BUILD_COMMIT`, `CODEBUILD_RESOLVED_SOURCE_VERSION`, `CIRCLE_SHA1`,
 * `VERCEL_GIT_COMMIT_SHA`, `RELEASE` and `GIT_SHA`, then by option into git's files and package.json. What is not there is
 * passed over, and so is an empty variable; an empty file is the release `''`, as in the original.
 *
 * The answer is kept for the life of the process, per options.
 *
 * @param options - another file and directory, more places, another order
 * @returns the release without the spaces around it, or `'__UNKNOWN__'`
 * @throws ReleaseError `ERR_RELEASE_UNREADABLE` when a file is there and cannot be read
 * @throws TypeError when an option is wrong
 *
 * @example
 * ```ts
 * import { getRelease } from 'twopi/deployment-release'
 *
 * export const release = getRelease({ git: true })
 * ```
 */
export function getRelease(options: ReleaseOptions = {}): string {
  return getReleaseInfo(options).release
}

/**
 * As {@link getRelease}, and tells which source won.
 *
 * @param options - as for `getRelease`
 * @returns the release with its source, such as `{ release: '1.2.0', source: 'file' }` or `'env:SENTRY_RELEASE'`; frozen
 * @throws ReleaseError `ERR_RELEASE_UNREADABLE` when a file is there and cannot be read
 * @throws TypeError when an option is wrong
 *
 * @example
 * ```ts
 * import { getReleaseInfo } from 'twopi/deployment-release'
 *
 * const { release, source } = getReleaseInfo({ packageJson: true })
 * console.error(`release ${release}, told by ${source}`)
 * ```
 */
export function getReleaseInfo(options: ReleaseOptions = {}): ReleaseInfo {
  const { directory = '.', file = 'version.txt' } = options
  const sources = options.sources ?? defaultSources(options)
  if (options.sources !== undefined) assertSources(options)
  const place = { directory: resolve(directory), file: resolve(directory, file) }
  const key = JSON.stringify([place.directory, place.file, sources])
  const info = cache.get(key) ?? find(sources, place)
  cache.set(key, info)
  return info
}

/**
 * Forgets the kept answers, so that the next call looks again. For tests.
 *
 * @example
 * ```ts
 * import { resetReleaseCache } from 'twopi/deployment-release'
 *
 * resetReleaseCache()
 * ```
 */
export function resetReleaseCache(): void {
  cache.clear()
}

function defaultSources({ git = false, packageJson = false }: ReleaseOptions): readonly ReleaseSource[] {
  return [
    'file',
    ...releaseVariables,
    ...(git ? (['git'] as const) : []),
    ...(packageJson ? (['package.json'] as const) : []),
  ]
}

function assertSources({ sources, git, packageJson }: ReleaseOptions): void {
  if (git !== undefined || packageJson !== undefined) {
    throw new TypeError(
      "`git` and `packageJson` add to the default sources; with `sources`, list 'git' and 'package.json' there",
    )
  }
  const wrong = sources?.filter((source) => !/^(?:file|git|package\.json|env:.+)$/.test(source)) ?? []
  if (wrong.length === 0) return
  throw new TypeError(
    `\`sources\` must be of 'file', 'env:NAME', 'git' and 'package.json', found ${wrong.map((one) => `'${one}'`).join(', ')}`,
  )
}

interface Place {
  readonly directory: string
  readonly file: string
}

function find(sources: readonly ReleaseSource[], place: Place): ReleaseInfo {
  for (const source of sources) {
    const release = read(source, place)
    if (release !== undefined) return Object.freeze({ release, source })
  }
  return unknown
}

function read(source: ReleaseSource, { directory, file }: Place): string | undefined {
  if (source === 'file') return readText(file)?.trim()
  if (source === 'git') return readGit(directory)
  if (source === 'package.json') return readPackage(directory)
  return process.env[source.slice('env:'.length)]?.trim() || undefined
}
