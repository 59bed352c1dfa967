import { beforeEach, describe, expect, it } from 'vitest'
import { type Channel, Listener } from '../../../../src/celery/backends/redis/listener.ts'

let channel: Channel
let told: unknown[]
let listener: Listener

beforeEach(() => {
  channel = { key: 'k', listeners: new Set(), on: undefined }
  told = []
  listener = new Listener(channel, { onText: (text) => told.push(text), onError: (error) => told.push(error) })
})

describe('one who listens to a key', () => {
  it('is told what is stored before what was published meanwhile', async () => {
    listener.published('2')
    listener.published('3')
    expect(told).toEqual([])
    listener.stored('1')
    await listener.ready
    listener.published('4')
    expect(told).toEqual(['1', '2', '3', '4'])
  })

  it('is told in order what was published before it was read', () => {
    listener.published('1')
    listener.published('2')
    listener.stored('2')
    expect(told).toEqual(['1', '2'])
  })

  it('is told once what a reconnect reads again', () => {
    listener.stored('1')
    listener.stored('1')
    listener.published('1')
    listener.stored(null)
    listener.published('2')
    expect(told).toEqual(['1', '2'])
  })

  it('is told nothing more when it stops in the midst of being told', () => {
    const other: string[] = []
    const stopping = new Listener(channel, {
      onText: (text) => {
        other.push(text)
        stopping.stop()
      },
      onError: () => {},
    })
    stopping.published('2')
    stopping.stored('1')
    expect(other).toEqual(['1'])
    expect(stopping.stop()).toBe(false)
  })

  it('is refused as long as it is not ready, and told of the end afterwards, once', async () => {
    const [refused, ended] = [new Error('refused'), new Error('ended')]
    const early = new Listener(channel, { onText: () => {}, onError: (error) => told.push(error) })
    early.fail(refused)
    await expect(early.ready).rejects.toBe(refused)
    listener.stored(null)
    listener.fail(ended)
    listener.fail(ended)
    expect(told).toEqual([ended])
    expect(channel.listeners.size).toBe(0)
  })
})
