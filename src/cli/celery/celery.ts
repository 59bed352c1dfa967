import type { CliGroup } from '../command.ts'
import { worker } from './worker.ts'

export const celery: CliGroup = {
  summary: 'Runs Celery tasks that are written in TypeScript.',
  examples: [
    ['twopi celery worker --app dist/tasks.js', 'run the tasks of the app that dist/tasks.js exports'],
    ['twopi celery worker --app dist/tasks.js -Q mail,reports -c 16', 'take from two queues, 16 tasks at a time'],
  ],
  commands: { worker },
}
