import { toMilliseconds } from '../../lib/duration.ts'
import { forget } from '../../lib/maybe-promise.ts'
import type { Broker, Consumer, QueueDeclaration, Subscription } from '../brokers/broker.ts'
import { loadSerializer } from '../protocol/serializers.ts'
import { workerDirectQueue } from '../settings/worker-direct.ts'
import { serveControl } from './control/serve-control.ts'
import { createControls } from './create-controls.ts'
import { guardProcess } from './process-guard.ts'
import type { StopOptions, Worker, WorkerEnd } from './worker.ts'
import type { WorkerControls } from './worker-controls.ts'
import type { WorkerHealth } from './worker-health.ts'
import type { WorkerHost } from './worker-host.ts'
import type { WorkerOptions } from './worker-options.ts'
import type { WorkerParts } from './worker-parts.ts'
import { WorkerRoom } from './worker-room.ts'
import type { WorkerState } from './worker-state.ts'

/*
 * The life of a worker. Only this file changes its state.
 *
 * | state    | meaning                                             | left by                                                    |
 * |----------|-----------------------------------------------------|------------------------------------------------------------|
 * | idle     | made, nothing is open                               | start → starting; stop, kill → stopped                     |
 * | starting | connects, declares, consumes                        | done → running; an error → failed; stop, kill → stopping   |
 * | running  | takes messages and runs tasks                       | stop, kill, consumer given up → stopping                   |
 * | stopping | takes nothing more; what never started is put back; | all has ended, the deadline is over, kill → stopped, or    |
 * |          | waits for what runs                                 | failed when it was the consumer that gave up               |
 * | stopped  | all is closed                                       | nothing                                                    |
 * | failed   | all is closed; it ended by itself                   | nothing                                                    |
 *
 * A lost connection is no state: the driver makes another one, and running tasks go on. `done` resolves on the way into the
 * last two, never before everything is closed.
 */

/** How long a worker that cannot consume any more waits for what runs, when nothing else is said: results still count. */
const FAILED_DEADLINE_MS = 60_000

/** How often a worker that waits for its broker says so. */
const STILL_WAITING_MS = 5000

/**
 * Makes a worker for an app. It does nothing before it is started.
 *
 * @param parts - what tests replace
 * @throws TypeError with all that is wrong with the options
 */
export function createWorker(host: WorkerHost, options: WorkerOptions = {}, parts: WorkerParts = {}): Worker {
  return new WorkerMachine(host, new WorkerRoom(host, options, parts))
}

class WorkerMachine implements Worker {
  readonly hostname: string
  readonly done: Promise<WorkerEnd>
  readonly controls: WorkerControls
  readonly #host: WorkerHost
  readonly #room: WorkerRoom
  readonly #queues = new Map<string, QueueDeclaration>()
  #state: WorkerState = 'idle'
  #tellDone: (end: WorkerEnd) => void = () => undefined
  #broker: Broker | undefined
  #consumer: Consumer | undefined
  #control: Subscription | undefined
  /** The worker's logical clock, which answers carry. */
  #time = 0
  #starting: Promise<void> | undefined
  #connected = false
  #startedAt = 0
  #failure: Error | undefined
  #interrupted = 0
  #killed = false
  #cut: () => void = () => undefined
  /** Resolves when what runs is not waited for any more. */
  readonly #deadline: Promise<void> = new Promise((resolve) => {
    this.#cut = resolve
  })
  #unguard: (() => void) | undefined
  #ending: Promise<void> | undefined

  constructor(host: WorkerHost, room: WorkerRoom) {
    this.#host = host
    this.#room = room
    this.hostname = room.setup.hostname
    this.done = new Promise((resolve) => {
      this.#tellDone = resolve
    })
    this.controls = createControls(room, {
      broker: () => this.#broker,
      consumer: () => this.#consumer,
      queues: this.#queues,
      uptime: () => (this.#startedAt === 0 ? 0 : room.clock.monotonic() - this.#startedAt),
    })
  }

  get state(): WorkerState {
    return this.#state
  }

  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new TypeError(`a worker is started once; this one is ${this.#state}`)
    this.#state = 'starting'
    this.#starting = this.#open()
    try {
      await this.#starting
    } catch (error) {
      // Stopped before it was up: that is why it could not, and no failure.
      if (this.#state !== 'starting' && this.#failure === undefined) return await this.#end(false)
      this.#failure ??= toError(error)
      this.#room.logger.error({ err: error, node: this.hostname }, 'worker could not start')
      await this.#end(true)
      throw error
    }
  }

  async stop(options: StopOptions = {}): Promise<void> {
    const deadline = options.deadline
    this.#setDeadline(deadline === undefined ? this.#room.setup.stopDeadlineMs : toMilliseconds(deadline, 'deadline'))
    await this.#end(false)
  }

  async kill(): Promise<void> {
    this.#setDeadline(0)
    await this.#end(true)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  health(): WorkerHealth {
    const { dispatcher, workshop, limiter, tallies } = this.#room
    const isRunning = this.#state === 'running'
    return {
      state: this.#state,
      hostname: this.hostname,
      consuming: isRunning && this.#connected,
      connected: this.#connected,
      running: dispatcher.running,
      finishing: dispatcher.finishing,
      reserved: dispatcher.waiting + (limiter?.size ?? 0),
      scheduled: workshop.scheduled,
      processed: tallies.processed,
      malformed: tallies.malformed,
      received: tallies.received,
      deliveriesLost: tallies.deliveriesLost,
      resultsLost: tallies.resultsLost,
      lastDelivery: tallies.lastDelivery === undefined ? undefined : new Date(tallies.lastDelivery),
      lastError: tallies.lastError,
    }
  }

  async #open(): Promise<void> {
    const { setup, settings, clock, logger, prefetch, settler } = this.#room
    for (const name of settings.acceptContent) await loadSerializer(name)
    await this.#room.openPool()
    // Stopped meanwhile, and perhaps closed already: without what has just been opened.
    if (this.#state !== 'starting') return await this.#room.closePool()
    void this.#room.pool.broken?.then((reason) => this.#fail(reason, 'no more tasks can be run: the worker ends'))
    this.#tryStore()
    const broker = this.#host.createBroker()
    this.#broker = broker
    await this.#connect(broker)
    prefetch.setAdjustable(broker.abilities.adjustablePrefetch)
    settler.useBroker(broker.kind !== 'amqp')
    for (const queue of this.#queuesToTake()) {
      await broker.declare(queue)
      this.#queues.set(queue.name, queue)
    }
    this.#connected = true
    if (this.#state !== 'starting') return
    const count = prefetch.count
    const consumer = await broker.consume([...this.#queues.values()], {
      prefetch: count,
      onDelivery: (delivery) => this.#room.workshop.take(delivery, this.#room.receiver),
      onInterrupted: (reason) => this.#interruptedBy(reason),
      onResumed: () => this.#resumed(),
    })
    this.#consumer = consumer
    void consumer.done.then((reason) => this.#consumerEnded(reason))
    prefetch.setConsumer(consumer, count)
    if (settings.workerEnableRemoteControl) await this.#listen(broker)
    if (this.#state !== 'starting') return
    this.#startedAt = clock.monotonic()
    if (setup.guardProcess) this.#unguard = guardProcess(logger)
    this.#state = 'running'
    const queues = [...this.#queues.keys()]
    const { concurrency, pool } = setup
    logger.info({ node: this.hostname, broker: broker.address, queues, concurrency, pool }, 'worker is ready')
  }

  /** Without a word, a worker that waits for its broker looks like one that has nothing to do. */
  async #connect(broker: Broker): Promise<void> {
    const { clock, logger } = this.#room
    const tell = () => {
      logger.warn(
        { node: this.hostname, broker: broker.address },
        'the broker cannot be reached yet; it is tried again',
      )
      timer = clock.setTimer(STILL_WAITING_MS, tell)
    }
    let timer = clock.setTimer(STILL_WAITING_MS, tell)
    try {
      await broker.connect()
    } finally {
      timer.clear()
    }
  }

  /** Obeys commands. Without them a worker does its work all the same. */
  async #listen(broker: Broker): Promise<void> {
    const { logger } = this.#room
    const stop = () => forget(this.stop())
    try {
      const target = { host: this.#host, logger, controls: this.controls, stop, clock: () => ++this.#time }
      this.#control = await serveControl(broker, target)
    } catch (err) {
      logger.warn({ node: this.hostname, err }, 'commands cannot be heard: this worker has no remote control')
    }
  }

  /** Tasks can run without a store: their results are tried until it can be reached. But it is said at once. */
  #tryStore(): void {
    this.#host.backend?.connect().catch((err: unknown) => {
      this.#room.logger.warn({ node: this.hostname, err }, 'the result store cannot be reached')
    })
  }

  #queuesToTake(): QueueDeclaration[] {
    const { setup, settings } = this.#room
    const queues = this.#host.queues(setup.queues).filter(({ name }) => !setup.excludeQueues.includes(name))
    return settings.workerDirect ? [...queues, workerDirectQueue(this.hostname)] : queues
  }

  #interruptedBy(reason: Error): void {
    const { logger, tallies, workshop, settings } = this.#room
    this.#connected = false
    tallies.lastError = reason
    logger.warn({ node: this.hostname, err: reason }, 'the connection to the broker is gone; it is made again')
    workshop.interrupted(settings.workerCancelLongRunningTasksOnConnectionLoss)
  }

  #resumed(): void {
    this.#connected = true
    this.#room.logger.info({ node: this.hostname }, 'taking messages again')
  }

  #consumerEnded(reason: Error | undefined): void {
    this.#connected = false
    if (reason !== undefined) this.#fail(reason, 'no more messages can be taken: the worker ends')
  }

  /** A worker that cannot do its work any more ends, instead of waiting for what never comes. */
  #fail(reason: Error, text: string): void {
    if (this.#state === 'stopping' || this.#state === 'stopped' || this.#state === 'failed') return
    this.#failure = reason
    this.#room.tallies.lastError = reason
    this.#room.logger.error({ node: this.hostname, err: reason }, text)
    this.#setDeadline(this.#room.setup.stopDeadlineMs ?? FAILED_DEADLINE_MS)
    forget(this.#end(false))
  }

  #setDeadline(ms: number | undefined): void {
    if (ms === 0) this.#cut()
    else if (ms !== undefined) this.#room.clock.setTimer(Math.min(ms, 2 ** 31 - 1), () => this.#cut())
  }

  /** All ways out lead through here, once. */
  async #end(atOnce: boolean): Promise<void> {
    if (atOnce) this.#killed = true
    this.#ending ??= this.#close()
    await this.#ending
  }

  async #close(): Promise<void> {
    const wasIdle = this.#state === 'idle'
    const wasConnecting = this.#state === 'starting' && !this.#connected && this.#consumer === undefined
    this.#state = 'stopping'
    if (!wasIdle) {
      // Nothing runs yet, and who waits for a broker that cannot be reached would wait for long.
      if (wasConnecting) await this.#broker?.close()
      // A start that goes on would open what is closed here.
      await Promise.race([this.#starting?.catch(() => undefined), this.#deadline])
      await this.#finishRunning()
      await this.#closeAll()
    }
    this.#state = this.#failure === undefined ? 'stopped' : 'failed'
    const reason = this.#failure !== undefined ? 'failed' : this.#killed ? 'killed' : 'stopped'
    this.#room.logger.info({ node: this.hostname, reason, interrupted: this.#interrupted }, 'worker has ended')
    this.#tellDone({ reason, error: this.#failure, interrupted: this.#interrupted })
  }

  async #finishRunning(): Promise<void> {
    const { table } = this.#room
    const puttingBack = this.#putBack()
    await Promise.race([puttingBack.then(() => table.empty()), this.#deadline])
    if (table.size === 0) return
    this.#killed = true
    this.#interrupted = this.#room.cutOff()
  }

  async #putBack(): Promise<void> {
    const cancelled = this.#consumer?.cancel().catch(() => undefined)
    await this.#room.workshop.putBack()
    await cancelled
  }

  /** Last opened, first closed. */
  async #closeAll(): Promise<void> {
    this.#room.limiter?.close()
    await this.#room.closePool()
    await this.#control?.close().catch(() => undefined)
    await this.#broker?.close()
    this.#connected = false
    // Last: what is cut off may leave promises behind that reject.
    this.#unguard?.()
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
