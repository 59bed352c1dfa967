import type { CliGroup } from '../command.ts'
import { show } from './show.ts'
import { write } from './write.ts'

/** `twopi release ...` */
export const release: CliGroup = {
  summary: 'Write or show the release that getRelease() tells',
  examples: [
    ['twopi release write', 'write the commit, in a Dockerfile or a CI job'],
    ['twopi release write "$(git describe --tags)"', 'write a version of your own'],
    ['twopi release show', 'what the application will tell from here'],
  ],
  commands: { write, show },
}
