import { availableParallelism } from 'node:os'
import { createLogger } from '../../celery/logging/create-logger.ts'
import type { CliAction, CliInput } from '../command.ts'
import { UsageError } from '../errors.ts'
import { loadApp } from './load-app.ts'
import { choiceOption, levelOption, listOption, numberOption, textOption } from './read-options.ts'
import { runWorker } from './run-worker.ts'

export const worker: CliAction = {
  summary: 'Take tasks from queues and run them, until SIGTERM or SIGINT.',
  usage: '',
  maxPositionals: 0,
  details: [
    'The first SIGTERM or SIGINT stops warmly: no more tasks are taken, those that run are finished,',
    'those that had not begun are put back. The second one, or SIGQUIT, stops at once. A worker that',
    'cannot reach its broker any more ends by itself with exit code 1, so that whoever runs it can',
    'start it again.',
  ].join('\n'),
  examples: [
    ['twopi celery worker -A dist/tasks.js', 'run the app that dist/tasks.js exports'],
    ['twopi celery worker -A dist/tasks.js -Q mail,reports -c 16', 'two queues, 16 tasks at a time'],
    ['twopi celery worker -A dist/tasks.js -P threads -c 2', 'tasks that compute, in two threads'],
    ['twopi celery worker -A dist/tasks.js --health-port 8080', 'answer /live and /ready, for probes'],
  ],
  options: {
    app: {
      type: 'string',
      short: 'A',
      value: 'FILE[:NAME]',
      summary: 'the module that exports the app, and the name there; required',
    },
    queues: {
      type: 'string',
      short: 'Q',
      value: 'A,B',
      summary: 'queues to take from; default: those of the settings',
    },
    'exclude-queues': { type: 'string', short: 'X', value: 'A,B', summary: 'queues of the settings not to take from' },
    concurrency: { type: 'string', short: 'c', value: 'N', summary: 'tasks that run at the same time' },
    hostname: { type: 'string', short: 'n', value: 'NAME', summary: 'name of the node; %h host, %n name, %d domain' },
    loglevel: { type: 'string', short: 'l', value: 'LEVEL', summary: 'debug, info, warning, error or critical' },
    'log-format': { type: 'string', value: 'FORMAT', summary: 'human or json; default: human on a terminal' },
    pool: { type: 'string', short: 'P', value: 'POOL', summary: 'async (default) or threads' },
    'prefetch-multiplier': { type: 'string', value: 'N', summary: 'messages held for each running task; 0: no limit' },
    'time-limit': { type: 'string', value: 'SECONDS', summary: 'hard limit of tasks that have none' },
    'soft-time-limit': { type: 'string', value: 'SECONDS', summary: 'soft limit of tasks that have none' },
    deadline: { type: 'string', value: 'SECONDS', summary: 'a warm stop becomes a cold one after it; default: never' },
    purge: { type: 'boolean', summary: 'throw away all waiting tasks of the queues first' },
    'health-port': { type: 'string', value: 'PORT', summary: 'answer /live and /ready over HTTP on this port' },
    'health-host': { type: 'string', value: 'ADDRESS', summary: 'where to listen for them; default 127.0.0.1' },
  },
  async run({ options }) {
    const place = textOption(options, 'app')
    if (place === undefined)
      throw new UsageError('`--app` is missing: name the module that exports the app, `--app dist/tasks.js`')
    const read = readWorkerOptions(options)
    const app = await loadApp(place)
    return await runWorker(app, { ...read, worker: { ...read.worker, app: place, guardProcess: true } })
  },
}

function readWorkerOptions(options: CliInput['options']) {
  const whole = { least: 0, whole: true }
  const seconds = { least: 0, whole: false }
  const pool = choiceOption(options, 'pool', ['async', 'threads'])
  const format = choiceOption(options, 'log-format', ['human', 'json'])
  const level = levelOption(options, 'loglevel')
  // An app with a logger of its own keeps it, unless the command line says how lines shall be.
  const logger = options['loglevel'] === undefined && format === undefined ? undefined : createLogger({ level, format })
  const port = numberOption(options, 'health-port', whole)
  if (port !== undefined && port > 65_535)
    throw new UsageError(`\`--health-port\` must be at most 65535, found \`${port}\``)
  return {
    worker: {
      queues: listOption(options, 'queues'),
      excludeQueues: listOption(options, 'exclude-queues'),
      concurrency:
        numberOption(options, 'concurrency', { least: 1, whole: true }) ??
        (pool === 'threads' ? availableParallelism() : undefined),
      hostname: textOption(options, 'hostname'),
      pool,
      prefetchMultiplier: numberOption(options, 'prefetch-multiplier', whole),
      timeLimit: numberOption(options, 'time-limit', seconds),
      softTimeLimit: numberOption(options, 'soft-time-limit', seconds),
      logger,
    },
    deadline: numberOption(options, 'deadline', seconds),
    purge: options['purge'] === true,
    health: port === undefined ? undefined : { port, host: textOption(options, 'health-host') ?? '127.0.0.1' },
  }
}
