import { randomUUID } from 'node:crypto'
import { groupTuple, type ResultTuple, resultTuple } from '../protocol/result-tuple.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import { runningTask } from '../task/running-task.ts'
import type { BuiltinCall } from './builtin-call.ts'
import { signaturesOf } from './signatures-of.ts'

// Groups and chords as messages: senders before Celery 3.1 sent them so; later ones send their parts.

/** Sends the tasks of a group. */
export async function sendOldGroup(call: BuiltinCall): Promise<unknown> {
  const { tasks, result, group_id: given, partial_args: args } = call.named
  const group = typeof given === 'string' ? given : randomUUID()
  const members: ResultTuple[] = []
  for (const signature of signaturesOf(tasks)) {
    members.push(await sendMember(call, signature, { group_id: group, group_index: members.length }, toArray(args)))
  }
  const children = result ?? groupTuple(group, members)
  runningTask()?.children.push(children)
  return children
}

/** Sends the tasks of a chord's header, which then count themselves. */
export async function sendOldChord(call: BuiltinCall): Promise<ResultTuple> {
  const { host, context, named } = call
  const header = headerOf(named['header'])
  const [given] = signaturesOf(named['body'])
  if (given === undefined) throw new TypeError('celery.chord() needs a `body`')
  const group = randomUUID()
  const body = { ...given, options: { task_id: randomUUID(), ...given.options } }
  const { id: parentId, rootId } = context.request
  if (header.length === 0) await host.sendSignature(body, { args: [[]], parentId, rootId })
  for (const [index, signature] of header.entries()) {
    // Before the last one, so that the last one to be done knows that all are counted.
    if (index === header.length - 1) await host.backend?.setChordSize(group, header.length)
    await sendMember(
      call,
      signature,
      { group_id: group, group_index: index, chord: body },
      toArray(named['partial_args']),
    )
  }
  const result = resultTuple(String(body.options['task_id']))
  runningTask()?.children.push(result)
  return result
}

/** Sends one task of many, and refers to its result. What the signature's options have already, they keep. */
export async function sendMember(
  { host, context }: BuiltinCall,
  signature: SignatureData,
  options: SignatureData['options'],
  args: readonly unknown[] = [],
): Promise<ResultTuple> {
  const { id: parentId, rootId } = context.request
  const member = { ...signature, options: { task_id: randomUUID(), ...signature.options, ...options } }
  await host.sendSignature(member, { args, parentId, rootId })
  return resultTuple(String(member.options.task_id))
}

/** A header is an array, or a group. */
function headerOf(value: unknown): readonly SignatureData[] {
  if (Array.isArray(value)) return signaturesOf(value)
  const [group] = signaturesOf(value)
  return signaturesOf(group?.kwargs['tasks'])
}

function toArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
