import { MessageChannel, type MessagePort, Worker as Thread } from 'node:worker_threads'
import type {
  AbortMessage,
  FromThread,
  LogMessage,
  OutcomeMessage,
  ThreadData,
  ToThread,
  UpdateMessage,
} from './thread-messages.ts'

/** What a thread is started with. */
export interface PoolThreadOptions {
  /** The program: `thread-main.js`. */
  readonly entry: URL
  /** As `loadHost` takes it. */
  readonly app: string
  /** Megabytes that its heap may have; undefined: as Node has it. */
  readonly maxMegabytes: number | undefined
  readonly onOutcome: (message: OutcomeMessage) => void
  readonly onUpdate: (message: UpdateMessage) => void
  readonly onLog: (message: LogMessage) => void
  /** It ended, by whatever. */
  readonly onExit: (reason: string) => void
}

/** How long a thread may take leave of its servers, in milliseconds. */
const LEAVE_MS = 2000

/** One thread of the pool `threads`. */
export class PoolThread {
  /** Rejects when the app cannot be loaded. */
  readonly ready: Promise<void>
  /** Jobs it was given. */
  jobs = 0
  readonly #thread: Thread
  readonly #abortPort: MessagePort
  readonly #exited: Promise<void>

  constructor(options: PoolThreadOptions) {
    const { port1, port2 } = new MessageChannel()
    this.#abortPort = port1
    const workerData: ThreadData = { app: options.app, abortPort: port2 }
    const { maxMegabytes } = options
    this.#thread = new Thread(options.entry, {
      workerData,
      transferList: [port2],
      ...(maxMegabytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxMegabytes } }),
    })
    // The worker holds the process as long as it runs; threads that wait do not.
    this.#thread.unref()
    port1.unref()
    this.ready = this.#listen(options)
    this.#exited = this.#watchExit(options)
    // A thread that cannot start is told where it is waited for.
    this.ready.catch(() => undefined)
  }

  get id(): number {
    return this.#thread.threadId
  }

  run(job: number, request: Uint8Array): void {
    this.jobs++
    this.#say({ kind: 'run', job, request })
  }

  /** Tells a running job that its soft limit is reached. */
  abort(message: AbortMessage): void {
    this.#abortPort.postMessage(message)
  }

  /** Tells that a state was stored, or why not. */
  stored(update: number, problem: string | undefined): void {
    this.#say({ kind: 'stored', update, problem })
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    await this.#thread.terminate()
  }

  /** Ends it when it has taken leave of its servers, or has had the time to. */
  async close(): Promise<void> {
    this.#say({ kind: 'close' })
    const timer = setTimeout(() => void this.kill(), LEAVE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #say(message: ToThread): void {
    this.#thread.postMessage(message)
  }

  #listen({ onOutcome, onUpdate, onLog }: PoolThreadOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#thread.on('message', (message: FromThread) => {
        if (message.kind === 'outcome') onOutcome(message)
        else if (message.kind === 'update') onUpdate(message)
        else if (message.kind === 'log') onLog(message)
        else if (message.kind === 'ready') resolve()
        else reject(notLoaded(message.problem, message.stack))
      })
      this.#thread.once('exit', () => reject(new Error('a thread of the pool ended before it had loaded the app')))
    })
  }

  #watchExit({ onExit }: PoolThreadOptions): Promise<void> {
    let reason: string | undefined
    this.#thread.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'its memory ran out' : describe(error)
    })
    return new Promise((resolve) => {
      this.#thread.once('exit', (code) => {
        this.#abortPort.close()
        onExit(reason ?? `it ended with code ${code}`)
        resolve()
      })
    })
  }
}

function notLoaded(problem: string, stack: string | undefined): Error {
  const cause = new Error(problem)
  if (stack !== undefined) cause.stack = stack
  return new TypeError(`the app could not be loaded in a thread: ${problem}`, { cause })
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
