import { getReleaseInfo } from '../../deployment-release/get-release.ts'
import { releaseVariables } from '../../deployment-release/sources.ts'
import { writeRelease } from '../../deployment-release/write-release.ts'
import type { CliAction } from '../command.ts'
import { UsageError } from '../errors.ts'
import { placeOptions, readPlace } from './place-options.ts'

/** `twopi release write` */
export const write: CliAction = {
  summary: 'Write the file that getRelease() reads',
  usage: '[VERSION]',
  maxPositionals: 1,
  details:
    'Without VERSION, the variables SENTRY_RELEASE, SOURCE_VERSION and so on are asked, then git in DIR\nor above it. Prints the release; where it went and who told it is said on stderr.',
  examples: [
    ['twopi release write', "write the build's commit to version.txt"],
    ['twopi release write 1.2.0', 'write 1.2.0'],
    ['twopi release write --dir dist --file REVISION', 'write dist/REVISION'],
    ['twopi release write --file /out/version.txt', 'write there, with the commit from here'],
  ],
  options: placeOptions,
  run(input, { out, note }) {
    const place = readPlace(input)
    const [version] = input.positionals
    if (version !== undefined && !isOneLine(version))
      throw new UsageError('VERSION must be one line of text, found none or more')
    const found =
      version === undefined
        ? getReleaseInfo({ directory: place.directory, sources: [...releaseVariables, 'git'] })
        : ({ release: version.trim(), source: undefined } as const)
    if (found.source === 'none') {
      note('error: no VERSION was given, and neither the variables nor git tell one; run `twopi release write VERSION`')
      return 1
    }
    if (!isOneLine(found.release)) throw new TypeError(`${found.source} must be one line of text, found more`)
    const path = writeRelease(found.release, place)
    note(`wrote ${path}${found.source === undefined ? '' : ` (from ${found.source})`}`)
    out(found.release)
    return 0
  },
}

function isOneLine(text: string): boolean {
  return /^[^\p{Cc}]+$/u.test(text.trim())
}
