import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { SoftTimeLimitExceeded } from '../task/errors.ts'
import type { Logger } from '../task/logger.ts'
import type { TaskRequest } from '../task/task-request.ts'
import { executeTask } from './execute-task.ts'
import { loadHost } from './load-host.ts'
import { type ExecutionSite, TaskRun } from './task-run.ts'
import type { AbortMessage, FromThread, ThreadData, ToThread } from './thread-messages.ts'
import { packOutcome, packValue, unpackValue } from './thread-outcome.ts'
import type { WorkerHost } from './worker-host.ts'

// The program of a thread of the pool `threads`: loads the app, then runs one task after the other as it is told to.

const port = parentPort as MessagePort
const { app, abortPort } = workerData as ThreadData

/** States on their way to the store, by number. */
const updates = new Map<number, { resolve(): void; reject(error: Error): void }>()
let lastUpdate = 0
let current: { readonly job: number; readonly run: TaskRun } | undefined

const say = (message: FromThread): void => port.postMessage(message)

/** A run that hears of its soft limit also while its code computes, whenever it looks at `context.signal`. */
class ThreadRun extends TaskRun {
  override get signal(): AbortSignal {
    for (let next = receiveMessageOnPort(abortPort); next !== undefined; next = receiveMessageOnPort(abortPort)) {
      obey(next.message as AbortMessage)
    }
    return super.signal
  }
}

function obey({ job, limit }: AbortMessage): void {
  if (current?.job === job) current.run.abort(new SoftTimeLimitExceeded(limit))
}

/** Fields of a line may hold what cannot be cloned. */
function log(level: keyof Logger): Logger[keyof Logger] {
  return (fields, text) => {
    try {
      say({ kind: 'log', level, fields, text })
    } catch {
      say({ kind: 'log', level, fields: { unreadableFields: Object.keys(fields) }, text })
    }
  }
}

const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }

function siteOf(host: WorkerHost): ExecutionSite {
  return {
    logger,
    around: host.hooks.around,
    now: () => Date.now(),
    random: () => Math.random(),
    storeState: (_request, state, meta) => {
      const update = ++lastUpdate
      const job = current?.job ?? 0
      return new Promise((resolve, reject) => {
        const bytes = packValue(meta, 'meta')
        updates.set(update, { resolve, reject })
        say({ kind: 'update', job, update, state, meta: bytes })
      })
    },
  }
}

async function runJob(host: WorkerHost, site: ExecutionSite, job: number, bytes: Uint8Array): Promise<void> {
  const request = unpackValue(bytes) as TaskRequest
  const task = host.findTask(request.task)
  if (task === undefined) {
    // The app registers other tasks each time it is loaded.
    const problem = `task "${request.task}" is not registered in the thread`
    const failure = { kind: 'failure', failure: packValue({ exception: missing(problem), traceback: null }) } as const
    return say({ kind: 'outcome', job, outcome: failure, children: packValue([]) })
  }
  const run = new ThreadRun(task, request, site)
  current = { job, run }
  const outcome = packOutcome(await executeTask(run, site.around, site.random))
  current = undefined
  say({ kind: 'outcome', job, outcome, children: packValue(run.children) })
}

const missing = (problem: string) => ({
  exc_type: 'NotRegistered',
  exc_message: [problem],
  exc_module: 'celery.exceptions',
})

function answerUpdate({ update, problem }: Extract<ToThread, { kind: 'stored' }>): void {
  const waiting = updates.get(update)
  updates.delete(update)
  if (problem === undefined) waiting?.resolve()
  else waiting?.reject(new Error(problem))
}

try {
  const host = await loadHost(app)
  const site = siteOf(host)
  abortPort.on('message', obey)
  abortPort.unref()
  port.on('message', (message: ToThread) => {
    if (message.kind === 'run') void runJob(host, site, message.job, message.request)
    else if (message.kind === 'stored') answerUpdate(message)
    else void close(host)
  })
  say({ kind: 'ready' })
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  say({ kind: 'unready', problem: message, stack })
}

/** Lets the app take leave of its servers. */
async function close(host: WorkerHost & { close?(): Promise<void> }): Promise<void> {
  await host.close?.()
  process.exit(0)
}
