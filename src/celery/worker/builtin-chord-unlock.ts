import type { ResultBackend } from '../backends/result-backend.ts'
import { formatIso } from '../protocol/iso-time.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import { isReady } from '../protocol/states.ts'
import { readException } from '../results/describe-exception.ts'
import type { BuiltinCall } from './builtin-call.ts'
import { reprException } from './repr-exception.ts'
import { signaturesOf } from './signatures-of.ts'

/** What became of a header so far. */
type Header =
  | { readonly kind: 'unready' }
  | { readonly kind: 'ready'; readonly results: readonly unknown[] }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Looks whether all parts of a chord are done, and then sends its body; else it tries again. It is how chords work on stores
 * that cannot count, and how senders with such a store send them.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#chord-important-notes
 */
export async function unlockChord({ host, context, named }: BuiltinCall): Promise<null> {
  const { backend, settings } = host
  const [callback] = signaturesOf(named['callback'])
  if (callback === undefined || !Array.isArray(named['result'])) {
    throw new TypeError('celery.chord_unlock() needs a `callback` and the `result` of the header')
  }
  if (backend === undefined) throw new TypeError('celery.chord_unlock() needs a result store')
  const header = await readHeader(backend, named['result'])
  const { id: parentId, rootId } = context.request
  if (header.kind === 'ready') {
    await host.sendSignature(callback, { args: [header.results], parentId, rootId })
    return null
  }
  if (header.kind === 'failed') {
    await failCallback({ host, context, named, args: [] }, backend, callback, header.reason)
    return null
  }
  const { interval, max_retries: most } = named
  const countdown = typeof interval === 'number' ? interval : settings.resultChordRetryInterval
  throw context.retry({ countdown, maxRetries: typeof most === 'number' ? most : null })
}

async function readHeader(backend: ResultBackend, tuples: readonly unknown[]): Promise<Header> {
  const results: unknown[] = []
  for (const value of tuples) {
    const part = await readPart(backend, value)
    if (part.kind !== 'ready') return part
    results.push(part.results[0])
  }
  return { kind: 'ready', results }
}

/**
 * A part that is a group gives an array of what its members gave.
 *
 * @param tuple - `[[id, parent], members]`
 */
async function readPart(backend: ResultBackend, tuple: unknown): Promise<Header> {
  const [head, members]: readonly unknown[] = Array.isArray(tuple) ? tuple : []
  const id: unknown = Array.isArray(head) ? head[0] : undefined
  if (typeof id !== 'string') throw new TypeError('celery.chord_unlock() got a `result` that is none')
  if (Array.isArray(members)) {
    const group = await readHeader(backend, members)
    return group.kind === 'ready' ? { kind: 'ready', results: [group.results] } : group
  }
  const meta = await backend.get(id)
  if (meta === undefined || !isReady(meta.status)) return { kind: 'unready' }
  if (meta.status === 'SUCCESS') return { kind: 'ready', results: [meta.result] }
  return { kind: 'failed', reason: `Dependency ${id} raised ${reprException(readException(meta.result))}` }
}

async function failCallback(
  { host, context }: BuiltinCall,
  backend: ResultBackend,
  callback: SignatureData,
  reason: string,
): Promise<void> {
  const { task_id: taskId, link_error: errbacks } = callback.options
  if (typeof taskId !== 'string') return
  const { replyTo, rootId } = context.request
  const result = { exc_type: 'ChordError', exc_message: [reason], exc_module: 'celery.exceptions' }
  const common = { traceback: undefined, children: [], dateDone: formatIso(new Date()) }
  await backend.store({ taskId, status: 'FAILURE', result, ...common }, { replyTo })
  for (const errback of signaturesOf(errbacks)) {
    await host.sendSignature(errback, { args: [taskId], parentId: taskId, rootId })
  }
}
