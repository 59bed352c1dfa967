import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { ChordPart, ChordProgress, ResultBackend } from '../../../src/celery/backends/result-backend.ts'
import type { AddCase } from './add-case.ts'
import type { BackendVariant } from './variant.ts'

const incomplete = { kind: 'incomplete' }
const bad = { exc_type: 'ValueError', exc_message: ['bad', 42], exc_module: 'builtins' }

function part(
  groupId: string,
  groupIndex: number | undefined,
  result: unknown,
  change: Partial<ChordPart> = {},
): ChordPart {
  return { groupId, groupIndex, taskId: randomUUID(), state: 'SUCCESS', result, ...change }
}

async function addAll(backend: ResultBackend, parts: readonly ChordPart[]): Promise<ChordProgress[]> {
  const all: ChordProgress[] = []
  for (const one of parts) all.push(await backend.addChordPart(one))
  return all
}

/** The parts of a chord and when they are all done. */
export function chordCases(test: AddCase, variant: BackendVariant): void {
  if (!variant.capabilities.abilities.chords) {
    test('is refused with ERR_CELERY_BACKEND_UNSUPPORTED', async (bench) => {
      const backend = await bench.open()
      const groupId = bench.groupId()
      for (const call of [backend.setChordSize(groupId, 2), backend.addChordPart(part(groupId, 0, 1))]) {
        await expect(call).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_UNSUPPORTED' })
      }
    })
    return
  }

  test('is complete with its last part, and gives the results in the order of the group', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 4)
    const parts = [2, 0, 3, 1].map((index) => part(groupId, index, `r${index}`))
    expect(await addAll(backend, parts)).toEqual([
      incomplete,
      incomplete,
      incomplete,
      { kind: 'complete', results: ['r0', 'r1', 'r2', 'r3'] },
    ])
  })

  test('has the results in the order of numbers, not of texts', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 12)
    const indexes = [11, 3, 10, 0, 7, 1, 9, 2, 8, 4, 6, 5]
    const progress = await addAll(
      backend,
      indexes.map((index) => part(groupId, index, index)),
    )
    expect(progress.at(-1)).toEqual({ kind: 'complete', results: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] })
  })

  test('of one part is complete at once', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 1)
    expect(await backend.addChordPart(part(groupId, 0, 'a'))).toEqual({ kind: 'complete', results: ['a'] })
  })

  test('is not complete before its size is known, however many parts are done', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    const early = [part(groupId, 0, 'a'), part(groupId, 1, 'b')]
    expect(await addAll(backend, early)).toEqual([incomplete, incomplete])
    await backend.setChordSize(groupId, 3)
    expect(await backend.addChordPart(part(groupId, 2, 'c'))).toEqual({ kind: 'complete', results: ['a', 'b', 'c'] })
  })

  test('has parts without a number behind the others', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 3)
    const parts = [part(groupId, undefined, 'last'), part(groupId, 1, 'b'), part(groupId, 0, 'a')]
    expect((await addAll(backend, parts)).at(-1)).toEqual({ kind: 'complete', results: ['a', 'b', 'last'] })
  })

  test('counts a part once that is noted twice', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 2)
    const first = part(groupId, 0, { list: [1, 'ä'], a: null })
    expect(await addAll(backend, [first, first, { ...first }])).toEqual([incomplete, incomplete, incomplete])
    expect(await backend.addChordPart(part(groupId, 1, 2))).toEqual({
      kind: 'complete',
      results: [{ list: [1, 'ä'], a: null }, 2],
    })
  })

  for (const state of ['FAILURE', 'REVOKED'] as const) {
    test(`has failed when a part is ${state}, once all are done`, async (bench) => {
      const backend = await bench.open()
      const groupId = bench.groupId()
      await backend.setChordSize(groupId, 3)
      const failed = part(groupId, 1, bad, { state })
      const parts = [failed, part(groupId, 0, 'a'), part(groupId, 2, 'c')]
      expect(await addAll(backend, parts)).toEqual([
        incomplete,
        incomplete,
        { kind: 'failed', taskId: failed.taskId, result: bad },
      ])
    })
  }

  test('names the first of several failed parts, in the order of the group', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 3)
    const failures = [2, 1].map((index) => part(groupId, index, { ...bad, exc_message: [index] }, { state: 'FAILURE' }))
    const progress = await addAll(backend, [...failures, part(groupId, 0, 'a')])
    expect(progress.at(-1)).toEqual({
      kind: 'failed',
      taskId: failures[1]!.taskId,
      result: { ...bad, exc_message: [1] },
    })
  })

  test('keeps results of every kind', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    const results = [null, false, 0, '', 'Grüße, 世界', [], {}, { a: [1, { b: null }] }, 'x'.repeat(100_000)]
    await backend.setChordSize(groupId, results.length)
    const progress = await addAll(
      backend,
      results.map((result, i) => part(groupId, i, result)),
    )
    expect(progress.at(-1)).toEqual({ kind: 'complete', results })
  })

  test('is complete once, of parts that end in several processes at the same time', async (bench) => {
    const backends = await Promise.all([bench.open(), bench.open(), bench.open(), bench.open()])
    const groupId = bench.groupId()
    await backends[0]!.setChordSize(groupId, 400)
    const progress = await Promise.all(
      Array.from({ length: 400 }, (_, i) => backends[i % 4]!.addChordPart(part(groupId, i, i))),
    )
    const complete = progress.filter(({ kind }) => kind === 'complete')
    expect(complete).toEqual([{ kind: 'complete', results: Array.from({ length: 400 }, (_, i) => i) }])
  })

  test('is kept apart from other chords', async (bench) => {
    const backend = await bench.open()
    const [one, two] = [bench.groupId(), bench.groupId()]
    await backend.setChordSize(one, 2)
    await backend.setChordSize(two, 1)
    expect(await backend.addChordPart(part(one, 0, 'a'))).toEqual(incomplete)
    expect(await backend.addChordPart(part(two, 0, 'x'))).toEqual({ kind: 'complete', results: ['x'] })
    expect(await backend.addChordPart(part(one, 1, 'b'))).toEqual({ kind: 'complete', results: ['a', 'b'] })
  })

  test('begins anew once it is forgotten', async (bench) => {
    const backend = await bench.open()
    const groupId = bench.groupId()
    await backend.setChordSize(groupId, 1)
    await backend.addChordPart(part(groupId, 0, 'a'))
    await backend.forgetChord(groupId)
    await backend.forgetChord(groupId)
    expect(await backend.addChordPart(part(groupId, 0, 'a'))).toEqual(incomplete)
    await backend.setChordSize(groupId, 2)
    expect(await backend.addChordPart(part(groupId, 1, 'b'))).toEqual({ kind: 'complete', results: ['a', 'b'] })
  })

  test('has no saved group when nobody saved one', async (bench) => {
    const backend = await bench.open()
    expect(await backend.getGroup(bench.groupId())).toBeUndefined()
  })

  const { saveGroup } = variant
  if (saveGroup) {
    test('has the group that Python saved', async (bench) => {
      const backend = await bench.open()
      const groupId = bench.groupId()
      const tuple = [[groupId, null], [[['7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10', null], null]]]
      await saveGroup(groupId, tuple)
      expect(await backend.getGroup(groupId)).toEqual(tuple)
    })
  }
}
