import { hostname } from 'node:os'
import { decodeTask } from '../protocol/decode-task.ts'
import { encodeTask } from '../protocol/encode-task.ts'
import type { SerializerName } from '../protocol/serializer.ts'
import { decodeBody, encodeBody, loadSerializer, serializerName } from '../protocol/serializers.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import { type CallSite, toRequest } from '../task/to-request.ts'
import { executeTask } from '../worker/execute-task.ts'
import { nextTry } from '../worker/next-try.ts'
import type { Outcome } from '../worker/outcome.ts'
import { TaskRun } from '../worker/task-run.ts'
import { type EagerEnd, EagerFinisher } from './eager-finisher.ts'
import { type EagerHost, metaOf } from './eager-host.ts'

/**
 * Runs a task here and now as a worker would: its arguments and its result go through the serializer, hooks run around it, it
 * is retried without waiting, and what is linked to it is called. Time limits do not hold. Never rejects because the task
 * fails.
 *
 * @throws TypeError when an argument cannot be sent
 */
export async function runEagerly(
  task: RegisteredTask,
  call: TaskMessage,
  serializer: string,
  host: EagerHost,
): Promise<EagerEnd> {
  const name = serializerName(serializer)
  await loadSerializer(name)
  let message = decodeTask(encodeTask(call, { serializer: name }), { accept: [name] })
  for (;;) {
    const { run, outcome, runtime } = await runOnce(task, message, host)
    if (outcome.kind !== 'retry') {
      const read = (result: unknown) => throughSerializer(result, name)
      return new EagerFinisher(run, message, host, runtime).finish(outcome, read)
    }
    const { plan, failure } = outcome
    host.hooks.emit('task-retried', { request: run.request, error: failure.error, countdown: plan.countdown })
    message = { ...nextTry({ message }, plan, host.now()), eta: undefined }
  }
}

/** No worker and no queue have part in it. */
const HERE: CallSite = {
  hostname: hostname(),
  isEager: true,
  delivery: { queue: undefined, exchange: '', routingKey: '', redelivered: false },
}

interface OneRun {
  readonly run: TaskRun
  readonly outcome: Outcome
  /** Seconds. */
  readonly runtime: number
}

async function runOnce(task: RegisteredTask, message: TaskMessage, host: EagerHost): Promise<OneRun> {
  const { logger, hooks, now, random } = host
  const run = new TaskRun(task, toRequest(message, HERE), {
    logger,
    around: hooks.around,
    now,
    random,
    storeState: (request, state, meta) => host.store(metaOf(request, state, { result: meta })),
  })
  hooks.emit('task-started', { request: run.request })
  const startedAt = now()
  const outcome = await executeTask(run, hooks.around, random)
  return { run, outcome, runtime: (now() - startedAt) / 1000 }
}

function throughSerializer(result: unknown, name: SerializerName): unknown {
  const { body, contentType } = encodeBody(result ?? null, name, 'result')
  return decodeBody(body, contentType, { accept: [name] })
}
