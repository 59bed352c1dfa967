import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { ExpiringMap } from '../../../../../src/celery/backends/memory/expiring-map.ts'
import { createMemoryBackend } from '../../../../../src/celery/backends/memory/memory-backend.ts'
import { loadSerializer } from '../../../../../src/celery/protocol/serializers.ts'
import type { TaskMeta } from '../../../../../src/celery/protocol/task-meta.ts'

const open = (name: string = randomUUID(), serializer = 'json') =>
  createMemoryBackend({ address: { kind: 'memory', name, text: `memory://${name}` }, resultExpires: 60, serializer })

const meta = (taskId: string, result: unknown): TaskMeta => ({
  taskId,
  status: 'SUCCESS',
  result,
  traceback: undefined,
  children: [],
  dateDone: undefined,
})

describe('a map whose entries end', () => {
  const make = () => {
    const clock = { now: 1000 }
    return { clock, map: new ExpiringMap<number>(() => clock.now) }
  }

  it('gives an entry until its time is over', () => {
    const { clock, map } = make()
    map.set('a', 1, 2)
    clock.now += 1999
    expect(map.get('a')).toBe(1)
    clock.now += 1
    expect(map.get('a')).toBeUndefined()
    expect(map.size).toBe(0)
  })

  it('counts the time anew when an entry is set again', () => {
    const { clock, map } = make()
    map.set('a', 1, 2)
    clock.now += 1500
    map.set('a', 2, 2)
    clock.now += 1500
    expect(map.get('a')).toBe(2)
  })

  it.each([null, 0])('keeps an entry for ever whose time is %s', (seconds) => {
    const { clock, map } = make()
    map.set('a', 1, seconds)
    clock.now += 1e12
    expect(map.get('a')).toBe(1)
  })

  it('holds no more than twice of what still counts, with nobody who looks and no timer', () => {
    const { clock, map } = make()
    for (let i = 0; i < 100_000; i++) {
      clock.now += 1
      map.set(`key${i}`, i, 1) // a thousand of them count at a time
      expect(map.size).toBeLessThanOrEqual(2001)
    }
  })

  it('goes through entries that come and go meanwhile', () => {
    const { clock, map } = make()
    for (let i = 0; i < 10; i++) map.set(`old${i}`, i, 1)
    clock.now += 1001
    for (let i = 0; i < 10; i++) {
      map.delete(`old${i}`)
      map.set(`new${i}`, i, 1)
    }
    for (let i = 0; i < 10; i++) map.set('last', i, 1)
    expect(map.size).toBe(11)
  })
})

describe('the result store in memory', () => {
  it('is shared by all handles of one name, and by no other', async () => {
    const name = randomUUID()
    const [one, two, other] = [open(name), open(name), open()]
    await one.store(meta('a', 1))
    expect((await two.get('a'))?.result).toBe(1)
    expect(await other.get('a')).toBeUndefined()
    await one.close()
    expect((await two.get('a'))?.result).toBe(1)
  })

  it('keeps values by the serializer it is told', async () => {
    await loadSerializer('msgpack')
    const name = randomUUID()
    const [json, msgpack] = [open(name), open(name, 'msgpack')]
    await msgpack.store(meta('a', new Uint8Array([0, 255])))
    for (const backend of [json, msgpack]) expect((await backend.get('a'))?.result).toEqual(new Uint8Array([0, 255]))
    await msgpack.setChordSize('g', 1)
    expect(
      await msgpack.addChordPart({ groupId: 'g', groupIndex: 0, taskId: 'a', state: 'SUCCESS', result: [1, null] }),
    ).toEqual({ kind: 'complete', results: [[1, null]] })
  })

  it('refuses a serializer that there is not', () => {
    expect(() => open('a', 'pickle')).toThrow(TypeError)
    expect(() => open('a', 'xml')).toThrow(TypeError)
  })

  it('counts a part of a chord once that is done again with another result, which then counts', async () => {
    const backend = open()
    const part = { groupId: 'g', groupIndex: 0, taskId: 'a' }
    await backend.setChordSize('g', 2)
    await backend.addChordPart({ ...part, state: 'FAILURE', result: {} })
    expect(await backend.addChordPart({ ...part, state: 'SUCCESS', result: 1 })).toEqual({ kind: 'incomplete' })
    expect(
      await backend.addChordPart({ groupId: 'g', groupIndex: 1, taskId: 'b', state: 'SUCCESS', result: 2 }),
    ).toEqual({ kind: 'complete', results: [1, 2] })
  })

  it('tells watchers outside of the call that stores', async () => {
    const backend = open()
    let inside = true
    const seen: boolean[] = []
    await backend.watch('a', { onMeta: () => seen.push(inside), onError: () => {} })
    const stored = backend.store(meta('a', 1))
    inside = false
    await stored
    await vi.waitFor(() => expect(seen).toEqual([false]))
  })
})
