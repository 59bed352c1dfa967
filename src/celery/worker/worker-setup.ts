import { availableParallelism } from 'node:os'
import { toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { unknownOptions } from '../../lib/unknown-options.ts'
import { nodeName } from '../settings/node-name.ts'
import type { Settings } from '../settings/settings.ts'
import type { Patience } from './keep-trying.ts'
import type { WorkerOptions } from './worker-options.ts'

/** Tasks at a time in the pool `async`, where they wait more than they compute, whatever the number of processors. */
const DEFAULT_CONCURRENCY = 10

const WORKER_OPTIONS: readonly (keyof WorkerOptions)[] = [
  'queues',
  'excludeQueues',
  'concurrency',
  'pool',
  'app',
  'hostname',
  'prefetchMultiplier',
  'timeLimit',
  'softTimeLimit',
  'logger',
  'stopDeadline',
  'guardProcess',
]

/** The options of a worker, checked, with the settings filled in. */
export interface WorkerSetup {
  readonly hostname: string
  readonly queues: readonly string[] | undefined
  readonly excludeQueues: readonly string[]
  readonly pool: 'async' | 'threads'
  /** The module that threads load. */
  readonly app: string
  /** A thread is replaced after so many tasks; undefined: never. */
  readonly maxTasksPerThread: number | undefined
  /** What the heap of a thread may have; undefined: as Node has it. */
  readonly maxMegabytes: number | undefined
  readonly concurrency: number
  readonly prefetchMultiplier: number
  readonly disablePrefetch: boolean
  readonly etaTaskLimit: number | undefined
  readonly stopDeadlineMs: number | undefined
  readonly guardProcess: boolean
  /** Seconds, for tasks that say nothing themselves. */
  readonly timeLimit: number | undefined
  readonly softTimeLimit: number | undefined
  readonly patience: Patience
}

/** @throws TypeError with all that is wrong with the options */
export function setUpWorker(options: WorkerOptions, settings: Settings): WorkerSetup {
  const pool = options.pool ?? 'async'
  const problems: string[] = [...unknownOptions(options, WORKER_OPTIONS, 'workers')]
  for (const name of ['queues', 'excludeQueues'] as const) {
    if (!isListOfNames(options[name])) problems.push(`\`${name}\` must be a list of names of queues`)
  }
  const concurrency = options.concurrency ?? settings.workerConcurrency ?? defaultConcurrency(pool)
  const prefetchMultiplier = options.prefetchMultiplier ?? settings.workerPrefetchMultiplier
  if (!isWhole(concurrency, 1)) problems.push(`\`concurrency\` must be a whole number from 1, found ${concurrency}`)
  if (!isWhole(prefetchMultiplier, 0)) {
    problems.push(`\`prefetchMultiplier\` must be a whole number from 0 (no limit), found ${prefetchMultiplier}`)
  }
  if (pool !== 'async' && pool !== 'threads') problems.push("`pool` must be 'async' or 'threads'")
  if (pool === 'threads' && options.app === undefined) {
    problems.push("`pool` 'threads' needs `app`: the module that exports the app, which every thread loads")
  }
  const read = <T>(fn: () => T): T | undefined => {
    try {
      return fn()
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }
  const { stopDeadline, timeLimit, softTimeLimit } = options
  const setup: WorkerSetup = {
    hostname: read(() => nodeName(options.hostname)) ?? '',
    queues: options.queues,
    excludeQueues: options.excludeQueues ?? [],
    pool,
    app: options.app ?? '',
    maxTasksPerThread: settings.workerMaxTasksPerChild,
    maxMegabytes: kibToMegabytes(settings.workerMaxMemoryPerChild),
    concurrency,
    prefetchMultiplier,
    disablePrefetch: settings.workerDisablePrefetch,
    etaTaskLimit: settings.workerEtaTaskLimit,
    stopDeadlineMs: read(() => (stopDeadline === undefined ? undefined : toMilliseconds(stopDeadline, 'stopDeadline'))),
    guardProcess: options.guardProcess ?? false,
    timeLimit: read(() => toSeconds(timeLimit, 'timeLimit')),
    softTimeLimit: read(() => toSeconds(softTimeLimit, 'softTimeLimit')),
    patience: {
      maxRetries: settings.resultBackendMaxRetries,
      baseMs: Math.max(1, settings.resultBackendBaseSleepBetweenRetriesMs),
      maxMs: Math.max(1, settings.resultBackendMaxSleepBetweenRetriesMs),
    },
  }
  assertNoProblems('worker()', problems)
  return setup
}

function defaultConcurrency(pool: string): number {
  return pool === 'threads' ? availableParallelism() : DEFAULT_CONCURRENCY
}

const kibToMegabytes = (kib: number | undefined) => (kib === undefined ? undefined : Math.ceil(kib / 1024))

function toSeconds(duration: WorkerOptions['timeLimit'], option: string): number | undefined {
  return duration === undefined ? undefined : toMilliseconds(duration, option) / 1000
}

const isListOfNames = (names: readonly string[] | undefined): boolean =>
  names === undefined || (Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== ''))

const isWhole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least
