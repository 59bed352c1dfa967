import { randomUUID } from 'node:crypto'
import { groupTuple, type ResultTuple, resultTuple } from '../protocol/result-tuple.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import { signaturesOf } from './signatures-of.ts'
import type { SendSignatureOptions } from './worker-host.ts'

/** By what the tasks of a canvas are sent. */
export interface CanvasSite {
  send(signature: SignatureData, options: SendSignatureOptions): Promise<void>
  setChordSize(groupId: string, size: number): Promise<void>
}

type Options = SignatureData['options']

/** How many errbacks the tasks of one chain may have together, of those of the chain. */
const MOST_ERRBACKS = 20_000

/**
 * Sends a signature that travelled in a message. Chains, groups and chords are never messages themselves: their tasks are
 * sent, as Python's workers do it.
 *
 * @returns the result of what was sent; undefined when nobody gave it an id
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#the-primitives
 */
export async function sendCanvas(
  signature: SignatureData,
  options: SendSignatureOptions,
  site: CanvasSite,
): Promise<ResultTuple | undefined> {
  if (signature.subtask_type === 'chain') return sendChain(signature, options, site)
  if (signature.subtask_type === 'group') return sendGroup(signature, options, site)
  if (signature.subtask_type === 'chord') return sendChord(signature, options, site)
  await site.send(signature, options)
  const id = signature.options['task_id']
  return typeof id === 'string' ? resultTuple(id) : undefined
}

/** The first of a chain is sent; the others travel with it. */
async function sendChain(
  signature: SignatureData,
  options: SendSignatureOptions,
  site: CanvasSite,
): Promise<ResultTuple | undefined> {
  const steps = stepsOf(signature)
  const last = steps.pop()
  if (last === undefined) return undefined
  // Who waits for the chain waits for its last task.
  steps.push(handOn(signature.options, last))
  const errbacks = signaturesOf(signature.options['link_error'])
  assertSendable(steps.length * errbacks.length)
  const all = steps.map((step) => withOptions(step, { link_error: joined(step, 'link_error', errbacks) }))
  const [first = last, ...rest] = all
  const chain = [...afterwards(signature, options), ...rest.reverse()]
  return sendCanvas(first, { ...options, args: argsOf(signature, options), chain }, site)
}

async function sendGroup(
  signature: SignatureData,
  options: SendSignatureOptions,
  site: CanvasSite,
): Promise<ResultTuple | undefined> {
  const chain = afterwards(signature, options)
  const next = chain.at(-1)
  if (next !== undefined) return sendChord(chordOf(signature, next), { ...options, chain: chain.slice(0, -1) }, site)
  const { task_id: ownId, group_id: outerId, chord, link, link_error: errbacks } = signature.options
  const group = idOf(chord === undefined ? (ownId ?? outerId) : outerId)
  const tuples: ResultTuple[] = []
  for (const [index, member] of membersOf(signature).entries()) {
    const sent = withOptions(member, {
      ...(index === 0 && { link: joined(member, 'link', link) }),
      link_error: joined(member, 'link_error', errbacks),
      group_id: group,
      group_index: index,
      chord,
    })
    const tuple = await sendCanvas(sent, { ...options, args: argsOf(signature, options), chain: undefined }, site)
    if (tuple !== undefined) tuples.push(tuple)
  }
  return groupTuple(group, tuples)
}

/** Its header is sent, and counted; whoever does the last task of it sends the body. */
async function sendChord(
  signature: SignatureData,
  options: SendSignatureOptions,
  site: CanvasSite,
): Promise<ResultTuple | undefined> {
  const { header, body: given } = signature.kwargs
  const [first] = signaturesOf(given)
  if (first === undefined) throw new TypeError('a chord must have a `body`')
  const chain = afterwards(signature, options)
  const body = withOptions(handOn(signature.options, first), {
    link_error: joined(first, 'link_error', signature.options['link_error']),
    ...(chain.length > 0 && { chain }),
  })
  const members = Array.isArray(header) ? flat(signaturesOf(header)) : signaturesOf(header).flatMap(membersOf)
  if (members.length === 0) return sendCanvas(body, { ...options, args: [[]], chain: undefined }, site)
  const group = idOf(Array.isArray(header) ? undefined : signaturesOf(header)[0]?.options['task_id'])
  const size = members.reduce((sum, member) => sum + sizeOf(member), 0)
  for (const [index, member] of members.entries()) {
    // Before the last one, so that the last one to be done knows that all are counted.
    if (index === members.length - 1) await site.setChordSize(group, size)
    const sent = withOptions(member, { group_id: group, group_index: index, chord: body })
    await sendCanvas(sent, { ...options, args: argsOf(signature, options), chain: undefined }, site)
  }
  return resultTuple(String(body.options['task_id']))
}

/**
 * Every task of a chain carries all errbacks of the chain, and each message of it all the tasks to come: a few kilobytes that
 * came in could be gigabytes to go out.
 */
function assertSendable(errbacks: number): void {
  if (errbacks <= MOST_ERRBACKS) return
  throw new TypeError(`a chain would have ${errbacks} errbacks in its tasks; at most ${MOST_ERRBACKS} are sent`)
}

/** The tasks of a chain one after the other. A group that something follows is a chord. */
function stepsOf(chain: SignatureData): SignatureData[] {
  const steps: SignatureData[] = []
  for (const task of signaturesOf(chain.kwargs['tasks'])) {
    for (const step of task.subtask_type === 'chain' ? stepsOf(task) : [task]) {
      const before = steps.at(-1)
      if (before?.subtask_type === 'group') steps[steps.length - 1] = chordOf(before, step)
      else steps.push(step)
    }
  }
  return steps
}

/** The tasks of a group; those of a group within it are among them. */
function membersOf(group: SignatureData): readonly SignatureData[] {
  return group.subtask_type === 'group' ? flat(signaturesOf(group.kwargs['tasks'])) : [group]
}

function flat(signatures: readonly SignatureData[]): readonly SignatureData[] {
  return signatures.flatMap(membersOf)
}

/** How many parts of a chord it will be. */
function sizeOf(signature: SignatureData): number {
  const { subtask_type: kind, kwargs } = signature
  const last =
    kind === 'chain' ? stepsOf(signature).at(-1) : kind === 'chord' ? signaturesOf(kwargs['body'])[0] : undefined
  if (last !== undefined) return sizeOf(last)
  return kind === 'group' ? membersOf(signature).reduce((sum, member) => sum + sizeOf(member), 0) : 1
}

function chordOf(header: SignatureData, body: SignatureData): SignatureData {
  return {
    task: 'celery.chord',
    args: [],
    kwargs: { header, body },
    options: {},
    subtask_type: 'chord',
    immutable: false,
  }
}

/** What is said of a chain or chord as a whole is true of the task that ends it. */
function handOn({ task_id, group_id, group_index, chord, link }: Options, last: SignatureData): SignatureData {
  const known = task_id === undefined || last.options['task_id'] !== undefined ? {} : { task_id }
  return withOptions(last, { ...known, group_id, group_index, chord, link: joined(last, 'link', link) })
}

/** With an id of its own at least. What is undefined stays as it is. */
function withOptions(signature: SignatureData, changes: Options): SignatureData {
  const options: Record<string, unknown> = { ...signature.options }
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) options[name] = value
  options['task_id'] ??= randomUUID()
  return { ...signature, options }
}

/** Its own links and more; undefined when there are no more. */
function joined(signature: SignatureData, name: 'link' | 'link_error', more: unknown): unknown {
  const added = signaturesOf(more)
  return added.length === 0 ? undefined : [...signaturesOf(signature.options[name]), ...added]
}

/** What follows it, in wire order. */
function afterwards(signature: SignatureData, { chain = [] }: SendSignatureOptions): readonly SignatureData[] {
  return chain.length > 0 ? chain : signaturesOf(signature.options['chain'])
}

function argsOf({ args, immutable }: SignatureData, options: SendSignatureOptions): readonly unknown[] {
  return immutable ? args : [...options.args, ...args]
}

function idOf(given: unknown): string {
  return typeof given === 'string' ? given : randomUUID()
}
