import { celery } from './celery/celery.ts'
import type { CliGroup } from './command.ts'
import { release } from './release/release.ts'

/** Every command of `twopi`. A new one is a folder beside this file and a line here. */
export const commands: CliGroup = {
  summary: 'The command line tool of the twopi library.',
  examples: [
    ['twopi celery worker --app dist/tasks.js', 'run Celery tasks'],
    ['twopi release write 1.2.0', 'write version.txt for getRelease()'],
    ['twopi release show --json', 'tell the release and who told it'],
  ],
  commands: { celery, release },
}
