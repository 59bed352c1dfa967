import type { Broker, Consumer, QueueDeclaration } from '../brokers/broker.ts'
import { TaskRevokedError } from '../task/errors.ts'
import { toFailure } from './to-failure.ts'
import type { WorkerControls } from './worker-controls.ts'
import type { WorkerRoom } from './worker-room.ts'

/** A command may have a hundred thousand ids: so many are written to the store at the same time. */
const AT_A_TIME = 500

/** What the worker itself knows, beside its room. */
export interface ControlledWorker {
  broker(): Broker | undefined
  consumer(): Consumer | undefined
  /** The queues it takes from, by name. */
  readonly queues: Map<string, QueueDeclaration>
  uptime(): number
}

/** What remote control asks of a worker, and has it do. */
export function createControls(room: WorkerRoom, worker: ControlledWorker): WorkerControls {
  const { table, revoked, dispatcher, prefetch, tallies } = room
  return {
    hostname: room.setup.hostname,
    clock: room.clock,
    revoked,
    limiter: room.limiter,
    timeLimits: room.timeLimits,
    get pool() {
      return room.pool
    },
    get broker() {
      return worker.broker()
    },
    get prefetchCount() {
      return prefetch.count
    },
    active: () => table.in('running'),
    reserved: () => table.in('limited', 'reserved'),
    scheduled: () => table.in('scheduled'),
    find: (id) => table.find(id),
    totals: () => tallies.totals(),
    queues: () => [...worker.queues.values()],
    uptime: worker.uptime,
    async addQueue(queue) {
      await worker.broker()?.declare(queue)
      await worker.consumer()?.addQueue(queue)
      worker.queues.set(queue.name, queue)
    },
    async cancelQueue(name) {
      worker.queues.delete(name)
      await worker.consumer()?.cancelQueue(name)
    },
    resize(concurrency) {
      room.pool.resize(concurrency)
      prefetch.resize(concurrency)
      dispatcher.pump()
    },
    async revoke(given, { terminate = false } = {}) {
      const ids = new Set(given)
      for (const id of ids) revoked.add(id)
      // Those that are ended here are stored by their end.
      const ended = room.workshop.revoke(ids)
      if (terminate) for (const id of ids) if (terminateJob(room, id)) ended.add(id)
      const others = [...ids].filter((id) => !ended.has(id))
      for (let start = 0; start < others.length; start += AT_A_TIME) {
        await Promise.all(others.slice(start, start + AT_A_TIME).map((id) => storeRevoked(room, id)))
      }
    },
  }
}

function terminateJob({ table, dispatcher }: WorkerRoom, id: string): boolean {
  const job = table.find(id)
  if (job?.state !== 'running') return false
  dispatcher.abort(job, 'terminated')
  return true
}

/** Whoever waits for the task need not wait for a worker that takes its message. */
async function storeRevoked({ writer, logger }: WorkerRoom, id: string): Promise<void> {
  const { exception } = toFailure(new TaskRevokedError('revoked'))
  try {
    await writer?.writeById(id, 'REVOKED', { result: exception })
  } catch (err) {
    logger.warn({ id, err }, 'the state REVOKED could not be stored')
  }
}
