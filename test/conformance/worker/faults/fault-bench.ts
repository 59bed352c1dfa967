import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type Celery, createCelery } from 'twopi/celery'
import { onTestFailed, onTestFinished } from 'vitest'
import { type BuiltPackage, builtPackage } from '../../../interop/celery/harness/built-package.ts'
import { Program } from '../../../interop/celery/harness/program.ts'
import { freePort } from '../../../support/services/free-port.ts'
import { type Census, takeCensus } from './census.ts'
import { Ledger, until } from './ledger.ts'
import { Load } from './load.ts'

const appFile = fileURLToPath(new URL('app.ts', import.meta.url))
const root = fileURLToPath(new URL('../../../..', import.meta.url))
/** Once for each file of tests, whatever is written meanwhile. */
let built: BuiltPackage | undefined
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly program: Program
  readonly pid: number
  /** What it answers at `/live`; undefined: it does not. */
  health(): Promise<Health | undefined>
  /** How it ends after a signal; fails when it takes too long. */
  end(signal: NodeJS.Signals, seconds?: number): Promise<number | string>
}

/** The numbers of a worker, of which tests read these. */
export interface Health {
  readonly state: string
  readonly malformed: number
  readonly finishing: number
}

/** One queue, those who call, and those who work, for one test. */
export class FaultBench {
  readonly queue: string = `faults-${randomBytes(4).toString('hex')}`
  readonly ledger: Ledger = new Ledger()
  readonly celery: Celery
  readonly settings: Readonly<Record<string, unknown>>
  readonly #programs: Program[] = []
  readonly #loads: Load[] = []

  /** @param settings - of all that take part */
  constructor(settings: Readonly<Record<string, unknown>>) {
    this.settings = { task_default_queue: this.queue, worker_enable_remote_control: false, ...settings }
    this.celery = createCelery('caller', this.settings, { injectVersion: false, environment: {}, logger: silent })
    onTestFailed(() => {
      for (const { name, log } of this.#programs.slice(-3)) console.log(`--- ${name}\n${log.slice(-3000)}`)
    })
    onTestFinished(async () => {
      for (const load of this.#loads) void load.stop()
      await Promise.all(this.#programs.map((program) => program.stop(5000)))
      await this.celery.close()
      await Promise.all(this.#loads.map((load) => load.stop()))
      this.ledger.close()
    })
  }

  call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.celery.sendTask(name, args)
  }

  /** Calls `late(n, ms)` without a pause, or whatever is said. */
  load(call: (n: number) => Promise<unknown> = (n) => this.call('late', n, 0), ahead?: number): Load {
    const load = new Load(this.ledger, call, ahead)
    this.#loads.push(load)
    return load
  }

  /** Starts a worker by the command line. */
  async start(...words: readonly string[]): Promise<WorkerProcess> {
    return this.startWith({}, ...words)
  }

  async startWith(
    { settings = {}, health = false }: { readonly settings?: Record<string, unknown>; readonly health?: boolean },
    ...words: readonly string[]
  ): Promise<WorkerProcess> {
    built ??= builtPackage(appFile)
    const { cli, app } = built
    const port = health ? await freePort() : 0
    const all = [cli, 'celery', 'worker', '-A', app, '-c', '4', ...words, ...(health ? [`--health-port=${port}`] : [])]
    const { ledger, gate } = { ledger: this.ledger.path, gate: this.ledger.gate }
    const env = { FAULTS: JSON.stringify({ settings: { ...this.settings, ...settings }, ledger, gate }) }
    const program = new Program(`worker ${this.#programs.length + 1}`, process.execPath, all, { cwd: root, env })
    this.#programs.push(program)
    return {
      program,
      pid: program.pid,
      health: () => askHealth(port),
      end: (signal, seconds = 20) => endOf(program, signal, seconds),
    }
  }

  /** Waits until each of these came to its end at least once. */
  async ran(numbers: Iterable<number>): Promise<void> {
    const all = [...numbers]
    const missing = () => all.filter((n) => !this.ledger.ended.has(n))
    await until(`all tasks have run`, () => missing().length === 0)
  }

  /** Waits until so many more have ended. */
  async more(count: number): Promise<void> {
    const least = this.ledger.ended.size + count
    await until(`${count} more tasks have run`, () => this.ledger.ended.size >= least)
  }

  /** Whether a worker has written this. */
  heard(text: string): boolean {
    return this.#programs.some(({ log }) => log.includes(text))
  }

  census(title: string, load: Pick<Load, 'accepted' | 'unknown' | 'refused'>): Census {
    return takeCensus(title, this.ledger, load)
  }
}

async function askHealth(port: number): Promise<Health | undefined> {
  try {
    return (await (await fetch(`http://127.0.0.1:${port}/live`)).json()) as Health
  } catch {
    return undefined
  }
}

async function endOf(program: Program, signal: NodeJS.Signals, seconds: number): Promise<number | string> {
  program.signal(signal)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const tell = () => reject(new Error(`${program.name} did not end within ${seconds} seconds of ${signal}`))
    timer = setTimeout(tell, seconds * 1000)
  })
  return await Promise.race([program.ended, late]).finally(() => clearTimeout(timer))
}
