import { getReleaseInfo } from '../../deployment-release/get-release.ts'
import type { CliAction } from '../command.ts'
import { placeOptions, readPlace } from './place-options.ts'

/** `twopi release show` */
export const show: CliAction = {
  summary: 'Print the release that getRelease() tells here',
  usage: '',
  maxPositionals: 0,
  details:
    'Looks into the file, then at the variables SENTRY_RELEASE, SOURCE_VERSION and so on.\nPrints __UNKNOWN__ when none tells.',
  examples: [
    ['twopi release show', 'print 1.2.0'],
    ['twopi release show --json', 'print {"release":"1.2.0","source":"file"}'],
    ['twopi release show --git --package-json', 'look into git and package.json too'],
  ],
  options: {
    json: { type: 'boolean', summary: 'print JSON with the source' },
    git: { type: 'boolean', summary: "look into git's files too" },
    'package-json': { type: 'boolean', summary: 'look into package.json too' },
    ...placeOptions,
  },
  run(input, { out, note }) {
    const { json, git, 'package-json': packageJson } = input.options
    const info = getReleaseInfo({ ...readPlace(input), git: git === true, packageJson: packageJson === true })
    if (info.source === 'none') note('no source tells a release; `twopi release write VERSION` writes one')
    out(json === true ? JSON.stringify(info) : info.release)
    return 0
  },
}
