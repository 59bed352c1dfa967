import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { type Celery, createCelery, createLogger } from 'twopi/celery'
import { afterEach } from 'vitest'
import type { PythonCelery } from '../../../support/services/python-celery.ts'
import { amqpUrl } from '../../../support/services/rabbitmq.ts'
import { builtPackage } from './built-package.ts'
import { Program } from './program.ts'
import { type PythonDriver, startPythonDriver } from './python-driver.ts'
import { removeQueues } from './remove-queues.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

export type BrokerName = 'Redis' | 'RabbitMQ'

export interface WorldOptions {
  readonly broker: BrokerName
  readonly python: PythonCelery
  /** A Redis of the file's own: the broker, or the store of results alone. */
  readonly redisUrl: string
  /** More settings of Celery, by their names in Python, for all that take part. */
  readonly settings?: ((id: string) => Readonly<Record<string, unknown>>) | undefined
  /** How the worker in Python is started. Default: with two processes. */
  readonly workerWords?: readonly string[] | undefined
  /** False: made without workers. */
  readonly workers?: boolean | undefined
}

/** All that takes part: clients and workers in both languages, one broker, one store of results. */
export interface World {
  readonly broker: BrokerName
  readonly python: PythonCelery
  /** Told from all others that use the broker now. */
  readonly id: string
  /** The client in TypeScript, in this process. */
  readonly celery: Celery
  /** For what tasks note, and to let them through. */
  readonly store: Store
  /** Runs code in the client in Python. */
  readonly ask: PythonDriver['ask']
  /** Names of queues: that of tasks `py.*`, that of tasks `ts.*`. */
  readonly queues: { readonly py: string; readonly ts: string }
  /** Names of nodes. */
  readonly nodes: { readonly py: string; readonly ts: string }
  readonly pythonWorker: Program
  readonly typescriptWorker: Program
  /** Settings of all that take part. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly programs: readonly Program[]
  startPythonWorker(options: WorkerStart): Promise<Program>
  startTypescriptWorker(options: WorkerStart): Promise<Program>
  startClient(settings: Readonly<Record<string, unknown>>): Promise<PythonDriver>
  /** Another client in TypeScript. */
  startSender(settings: Readonly<Record<string, unknown>>): Celery
  /** Runs Python's command line: `inspect ping`. */
  commandLine(...words: string[]): Promise<string>
  close(): Promise<void>
}

export interface WorkerStart {
  readonly node: string
  readonly queues: readonly string[]
  /** Words of the command line. */
  readonly words?: readonly string[] | undefined
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  /** False: gives it at once. */
  readonly ready?: boolean | undefined
}

/** Words for a worker in Python that starts quickly: tasks in its own process, and no looking for others. */
export const solo: readonly string[] = ['-P', 'solo', '--without-mingle', '--without-gossip']

export type Store = ReturnType<typeof createStore>

const createStore = (url: string) => createClient({ url })

export async function openWorld(options: WorldOptions): Promise<World> {
  const { broker, python, redisUrl, workers = true, workerWords = ['-c', '2'] } = options
  const id = `twopi-${randomBytes(4).toString('hex')}`
  const queues = { py: `${id}.py`, ts: `${id}.ts` }
  const nodes = { py: `py@${id}`, ts: `ts@${id}` }
  const brokerUrl = broker === 'Redis' ? redisUrl : await amqpUrl()
  const settings: Record<string, unknown> = {
    broker_url: brokerUrl,
    result_backend: redisUrl,
    accept_content: ['json', 'msgpack', 'yaml'],
    task_default_queue: `${id}.default`,
    task_routes: { 'py.*': { queue: queues.py }, 'ts.*': { queue: queues.ts } },
    broker_connection_retry_on_startup: true,
    // Others share the broker.
    ...(broker === 'RabbitMQ' && { control_exchange: id, event_exchange: `${id}.ev` }),
    ...options.settings?.(id),
  }
  const interop = (more: Readonly<Record<string, unknown>> = {}) =>
    JSON.stringify({ settings: { ...settings, ...more }, redis: redisUrl })
  const { cli, app } = builtPackage()
  const programs: Program[] = []
  const drivers: PythonDriver[] = []

  const startPythonWorker = async ({ node, queues, words = [], settings: more, ready = true }: WorkerStart) => {
    const all = ['-W', 'ignore', '-m', 'celery', '-A', 'python-app:app', 'worker', '-n', node, '-Q', queues.join(',')]
    const worker = new Program(`worker ${node}`, python.python, [...all, '-l', 'INFO', ...words], {
      cwd: folder,
      env: { INTEROP: interop(more), PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1' },
    })
    worker.stopSignal = 'SIGQUIT' // a warm stop of the pool takes seconds
    programs.push(worker)
    if (ready) await worker.says(`${node} ready`)
    return worker
  }
  const startTypescriptWorker = async ({ node, queues, words = [], settings: more, ready = true }: WorkerStart) => {
    const all = [cli, 'celery', 'worker', '-A', app, '-n', node, '-Q', queues.join(',')]
    const worker = new Program(`worker ${node}`, process.execPath, [...all, ...words], {
      cwd: folder,
      env: { INTEROP: interop(more) },
    })
    programs.push(worker)
    if (ready) await worker.says('worker is ready')
    return worker
  }
  const startClient = async (more: Readonly<Record<string, unknown>> = {}) => {
    const driver = await startPythonDriver(python.python, interop(more))
    drivers.push(driver)
    programs.push(driver.program)
    return driver
  }

  const store = createStore(redisUrl)
  await store.connect()
  const logger = createLogger({ level: 'error' })
  const clients: Celery[] = []
  const startSender = (more: Readonly<Record<string, unknown>>) => {
    const client = createCelery('client', { ...settings, ...more }, { injectVersion: false, environment: {}, logger })
    clients.push(client)
    return client
  }
  const celery = startSender({})
  const close = async () => {
    await Promise.all([...clients.map((client) => client.close()), ...programs.map((program) => program.stop())])
    store.destroy()
    if (broker === 'RabbitMQ') await removeQueues(String(brokerUrl), id)
  }
  try {
    // Ours is there when Python's starts and asks who else is.
    const starting = startClient()
    const typescriptWorker = workers ? await startTypescriptWorker({ node: nodes.ts, queues: [queues.ts] }) : noProgram
    const pythonWorker = workers
      ? await startPythonWorker({ node: nodes.py, queues: [queues.py], words: workerWords })
      : noProgram
    const driver = await starting
    return {
      broker,
      python,
      id,
      celery,
      store,
      ask: driver.ask,
      queues,
      nodes,
      pythonWorker,
      typescriptWorker,
      settings,
      programs,
      startPythonWorker,
      startTypescriptWorker,
      startClient,
      startSender,
      async commandLine(...words) {
        const lines: string[] = []
        const all = ['-W', 'ignore', '-m', 'celery', '-A', 'python-app:app', ...words]
        const program = new Program(`celery ${words.join(' ')}`, python.python, all, {
          cwd: folder,
          env: { INTEROP: interop(), PYTHONDONTWRITEBYTECODE: '1' },
          onLine: (line) => void lines.push(line),
        })
        programs.push(program)
        const code = await program.ended
        return [...lines, program.log, `exit ${code}`].join('\n')
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const noProgram = undefined as unknown as Program

/** Shows what the programs said of late when a test fails. Called in a `describe`. */
export function showLogsOfFailures(world: () => World | undefined): void {
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return
    for (const { name, log } of world()?.programs ?? []) {
      if (log !== '') console.log(`--- ${name}\n${log.slice(-3000)}`)
    }
  })
}
