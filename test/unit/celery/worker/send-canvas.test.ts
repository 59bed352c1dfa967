import { describe, expect, it } from 'vitest'
import type { SignatureData } from '../../../../src/celery/protocol/signature-data.ts'
import { sendCanvas } from '../../../../src/celery/worker/send-canvas.ts'
import type { SendSignatureOptions } from '../../../../src/celery/worker/worker-host.ts'
import { signature } from '../../../support/worker/start-worker.ts'

type Options = SignatureData['options']

const canvas = (kind: string, kwargs: SignatureData['kwargs'], options: Options = {}): SignatureData => ({
  ...signature(`celery.${kind}`, options),
  kwargs,
  subtask_type: kind,
})
const chain = (tasks: SignatureData[], options?: Options) => canvas('chain', { tasks }, options)
const group = (tasks: SignatureData[], options?: Options) => canvas('group', { tasks }, options)
const chord = (header: unknown, body: SignatureData, options?: Options) => canvas('chord', { header, body }, options)
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => signature(name, { task_id: name })) as [
  SignatureData,
  SignatureData,
  SignatureData,
  SignatureData,
]

/** What was sent, and how large chords were said to be, in their order. */
async function send(given: SignatureData, options: Partial<SendSignatureOptions> = {}) {
  const happened: unknown[] = []
  const sent: { signature: SignatureData; options: SendSignatureOptions }[] = []
  const result = await sendCanvas(
    given,
    { args: [7], parentId: 'p', rootId: 'r', ...options },
    {
      send: async (signature, its) => {
        happened.push(signature.task)
        sent.push({ signature, options: its })
      },
      setChordSize: async (id, size) => void happened.push([id, size]),
    },
  )
  return { happened, sent, result }
}

const namesOf = (signatures: readonly SignatureData[] | undefined) => signatures?.map(({ task }) => task)

describe('sending a signature that travelled', () => {
  it('sends the first of a chain, the others with it in wire order, before what follows the chain', async () => {
    const { sent, result } = await send(chain([a, chain([b, c])]), { chain: [d] })
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ signature: { task: 'a' }, options: { args: [7], parentId: 'p', rootId: 'r' } })
    expect(namesOf(sent[0]?.options.chain)).toEqual(['d', 'c', 'b'])
    expect(result).toEqual([['a', null], null])
  })

  it('sends no chain whose errbacks would be thousands of times what came in', async () => {
    const many = (count: number) => Array.from({ length: count }, () => signature('a'))
    const { sent } = await send(chain(many(200), { link_error: many(100) }))
    expect(sent).toHaveLength(1)
    await expect(send(chain(many(1000), { link_error: many(1000) }))).rejects.toThrow('would have 1000000 errbacks')
  })

  it('has the last of a chain stand for all of it', async () => {
    const options = { task_id: 'whole', group_id: 'g', group_index: 2, chord: d, link: [c], link_error: [d] }
    const { sent } = await send(chain([a, signature('b')], options))
    expect(sent[0]?.options.chain?.[0]?.options).toEqual({ ...options })
    expect(sent[0]?.signature.options).toEqual({ task_id: 'a', link_error: [d] })
  })

  it('sends the tasks of a group, also of those within it, with the id and places of the group', async () => {
    const { sent, result } = await send(group([a, group([b, c])], { task_id: 'g', link: d, link_error: [d] }))
    const places = sent.map(({ signature: { task, options } }) => [task, options['group_id'], options['group_index']])
    expect(places).toEqual([
      ['a', 'g', 0],
      ['b', 'g', 1],
      ['c', 'g', 2],
    ])
    expect(sent.map(({ signature: { options } }) => [options['link'], options['link_error']])).toEqual([
      [[d], [d]],
      [undefined, [d]],
      [undefined, [d]],
    ])
    expect(result).toEqual([['g', null], ['a', 'b', 'c'].map((id) => [[id, null], null])])
  })

  it('says how large a chord is before its last task, which may be a chain, a group or a chord', async () => {
    const header = group([chain([a, b]), group([a, b]), chord([a], c)], { task_id: 'g' })
    const { happened, sent, result } = await send(chord(header, d))
    expect(happened.filter((one) => Array.isArray(one))).toEqual([
      ['g', 4],
      [expect.any(String), 1],
    ])
    expect(happened.indexOf('a')).toBe(0)
    expect(happened.findIndex((one) => Array.isArray(one))).toBe(3)
    // Of a chain the last task is the part, of a chord its body.
    expect(sent[0]?.signature.options).not.toHaveProperty('chord')
    expect(sent[0]?.options.chain?.[0]?.options).toMatchObject({ group_id: 'g', group_index: 0, chord: d })
    expect(sent[1]?.signature.options).toMatchObject({ group_id: 'g', group_index: 1, chord: d })
    expect(sent.at(-1)?.signature.options['chord']).toMatchObject({
      task: 'c',
      options: { group_id: 'g', group_index: 3, chord: d },
    })
    expect(result).toEqual([['d', null], null])
  })

  it('makes a chord of a group that something follows', async () => {
    const { happened, sent } = await send(chain([group([a, b]), c, d]))
    expect(happened).toEqual(['a', [expect.any(String), 2], 'b'])
    const body = sent[0]?.signature.options['chord'] as SignatureData
    expect([body.task, namesOf(body.options['chain'] as SignatureData[])]).toEqual(['c', ['d']])
  })

  it('makes a chord of a group that is the next of a chain', async () => {
    const { sent } = await send(group([a, b]), { chain: [d, c] })
    const body = sent[1]?.signature.options['chord'] as SignatureData
    expect([body.task, namesOf(body.options['chain'] as SignatureData[])]).toEqual(['c', ['d']])
    expect(sent.map(({ options }) => options.chain)).toEqual([undefined, undefined])
  })

  it('sends the body of an empty chord at once', async () => {
    const { happened, sent } = await send(chord([], d))
    expect(happened).toEqual(['d'])
    expect(sent[0]?.options.args).toEqual([[]])
  })

  it('puts nothing before the arguments of what is immutable', async () => {
    const { sent } = await send({ ...group([a]), immutable: true })
    expect(sent[0]?.options.args).toEqual([])
  })

  it('refuses a chord without a body', async () => {
    await expect(send(canvas('chord', { header: [a] }))).rejects.toThrow('a chord must have a `body`')
  })
})
