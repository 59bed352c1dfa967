import { setMaxListeners } from 'node:events'
import type { Settings } from '../settings/settings.ts'
import type { Logger } from '../task/logger.ts'
import { createBuiltinTasks } from './builtin-tasks.ts'
import { Chords } from './chords.ts'
import { type Clock, systemClock } from './clock.ts'
import { Dispatcher } from './dispatcher.ts'
import { Finisher } from './finisher.ts'
import type { Job } from './job.ts'
import { JobTable } from './job-table.ts'
import { openPool } from './open-pool.ts'
import type { Pool } from './pool.ts'
import { Prefetch } from './prefetch.ts'
import { RateLimiter } from './rate-limiter.ts'
import { Receiver } from './receiver.ts'
import { ResultWriter } from './result-writer.ts'
import { Revoked } from './revoked.ts'
import { Settler } from './settler.ts'
import { Tallies } from './tallies.ts'
import type { TaskLimiter } from './task-limiter.ts'
import { TaskLog } from './task-log.ts'
import type { ExecutionSite } from './task-run.ts'
import { TimeLimits } from './time-limits.ts'
import type { WorkerHost } from './worker-host.ts'
import type { WorkerOptions } from './worker-options.ts'
import type { WorkerParts } from './worker-parts.ts'
import { setUpWorker, type WorkerSetup } from './worker-setup.ts'
import { Workflow } from './workflow.ts'
import { Workshop } from './workshop.ts'

/** All that a worker consists of, put together. When it is open, and when closed, is for the worker to say. */
export class WorkerRoom {
  readonly setup: WorkerSetup
  readonly settings: Settings
  readonly logger: Logger
  readonly clock: Clock
  readonly tallies: Tallies = new Tallies()
  readonly table: JobTable = new JobTable()
  readonly revoked: Revoked
  readonly timeLimits: TimeLimits
  readonly prefetch: Prefetch
  readonly dispatcher: Dispatcher
  readonly workshop: Workshop
  readonly receiver: Receiver
  readonly settler: Settler
  /** Undefined: `worker_disable_rate_limits`. */
  readonly limiter: TaskLimiter | undefined
  /** Undefined: results are not kept. */
  readonly writer: ResultWriter | undefined
  readonly #host: WorkerHost
  readonly #parts: WorkerParts
  readonly #log: TaskLog
  readonly #ended = new AbortController()
  #pool: Pool | undefined

  /** @throws TypeError with all that is wrong with the options */
  constructor(host: WorkerHost, options: WorkerOptions, parts: WorkerParts) {
    const { settings, hooks, backend } = host
    const setup = setUpWorker(options, settings)
    const clock = parts.clock ?? systemClock
    const logger = options.logger ?? host.logger
    const log = new TaskLog(logger)
    const builtins = createBuiltinTasks(host)
    const isLost = (job: Job) => this.workshop.isLost(job)
    this.#host = host
    this.#parts = parts
    this.#log = log
    this.setup = setup
    this.settings = settings
    this.logger = logger
    this.clock = clock
    this.revoked = new Revoked(clock)
    this.timeLimits = new TimeLimits({ hard: setup.timeLimit, soft: setup.softTimeLimit })
    this.writer = backend && new ResultWriter(backend, clock, setup.hostname, settings.resultExtended)
    const settler = new Settler(this.tallies, log)
    this.settler = settler
    // As many may wait for it as results are on their way.
    setMaxListeners(0, this.#ended.signal)
    const common = {
      hooks,
      log,
      clock,
      tallies: this.tallies,
      table: this.table,
      settler,
      revoked: this.revoked,
      isLost,
    }
    const finisher = this.#createFinisher(settler)
    this.dispatcher = new Dispatcher({
      ...common,
      finisher,
      writer: this.writer,
      knownResults: settings.workerDeduplicateSuccessfulTasks && backend?.abilities.shared ? backend : undefined,
      onChange: () => this.workshop.changed(),
    })
    this.limiter = settings.workerDisableRateLimits ? undefined : this.#createLimiter()
    this.prefetch = new Prefetch(setup.concurrency, setup.prefetchMultiplier, {
      etaLimit: setup.etaTaskLimit,
      none: setup.disablePrefetch,
      onError: (err) => logger.warn({ err }, 'the prefetch count could not be changed'),
    })
    const { dispatcher, prefetch, limiter } = this
    this.workshop = new Workshop({ ...common, finisher, dispatcher, prefetch, limiter })
    this.receiver = new Receiver({
      ...common,
      finisher,
      logger,
      hostname: setup.hostname,
      decode: { accept: settings.acceptContent, timezone: settings.timezone },
      findTask: (name) => host.findTask(name) ?? builtins.get(name),
      interruptions: () => this.workshop.interruptions,
      onJob: (job) => this.workshop.add(job),
    })
  }

  /** @throws TypeError before it is open */
  get pool(): Pool {
    if (this.#pool === undefined) throw new TypeError('the worker is not started')
    return this.#pool
  }

  /** @throws TypeError when threads cannot load the app */
  async openPool(): Promise<void> {
    const { setup, clock, timeLimits } = this
    const open = this.#parts.openPool ?? openPool
    this.#pool = await open({ setup, clock, timeLimits, site: this.#createSite() })
    this.dispatcher.usePool(this.#pool)
  }

  async closePool(): Promise<void> {
    await this.#pool?.close()
  }

  /**
   * Ends what runs, and what tries to store its results. What is not settled is left to the broker, which gives it again.
   *
   * @returns how many were cut off
   */
  cutOff(): number {
    this.#ended.abort()
    const cut = this.table.in('running', 'finishing')
    for (const job of cut) {
      if (job.settled) this.#log.warn(job, 'cut off, and lost: it was acknowledged before it ran')
      else this.#log.warn(job, 'cut off: it will run again')
      this.dispatcher.abort(job, 'interrupted')
    }
    return cut.length
  }

  #createFinisher(settler: Settler): Finisher {
    const { backend, hooks } = this.#host
    const { writer, tallies, clock } = this
    const log = this.#log
    const workflow = new Workflow(this.#host, this.settings.taskInheritParentPriority)
    return new Finisher({
      host: this.#host,
      hooks,
      writer,
      chords: backend && writer && new Chords({ backend, writer, workflow, log }),
      workflow,
      settler,
      tallies,
      log,
      clock,
      patience: this.setup.patience,
      ended: this.#ended.signal,
    })
  }

  #createLimiter(): TaskLimiter {
    const release = (job: Job) => this.dispatcher.push(job)
    const { clock } = this
    return this.#parts.createLimiter?.(clock, release) ?? new RateLimiter({ clock, release })
  }

  #createSite(): ExecutionSite {
    const { logger, writer, clock, table } = this
    return {
      logger,
      around: this.#host.hooks.around,
      now: () => clock.now(),
      random: this.#parts.random ?? Math.random,
      async storeState({ id }, state, meta) {
        const job = table.find(id)
        if (job !== undefined) await writer?.write(job, state, { result: meta ?? null })
      },
    }
  }
}
