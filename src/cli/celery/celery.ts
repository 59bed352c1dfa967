import type { CliGroup } from '../command.ts'
import { worker } from './worker.ts'

export const celery: CliGroup = {
  summary: 'Runs Celery tasks that are written in TypeScript.',
  examples: [
    ['twopi celery worker -A dist/tasks.js', 'run the app that dist/tasks.js exports'],
    ['twopi celery worker -A dist/tasks.js -Q mail,reports -c 16', 'two queues, 16 tasks at a time'],
  ],
  commands: { worker },
}
