import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { discardRest } from '../../../src/adapters/node/discard-rest.ts'

describe('the rest of a body that was refused', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  const start = () => {
    const message = new IncomingMessage(new Socket())
    const response = new ServerResponse(message)
    discardRest(message, response)
    return { message, response }
  }

  it('is not waited for longer than 5 seconds, and the client has time to read the answer', () => {
    const { message, response } = start()
    message.push(Buffer.from('slow'))
    vi.advanceTimersByTime(5000)
    expect(message.isPaused()).toBe(true)
    vi.advanceTimersByTime(60_000)
    expect(message.destroyed).toBe(false)
    response.emit('close')
    vi.advanceTimersByTime(499)
    expect(message.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(message.destroyed).toBe(true)
  })

  it('leaves no timer behind when it ends', async () => {
    const { message } = start()
    message.push(null)
    await new Promise((resolve) => message.once('close', resolve))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not cost the connection when all of it came after all', () => {
    const { message, response } = start()
    vi.advanceTimersByTime(5000)
    message.complete = true
    response.emit('close')
    vi.advanceTimersByTime(500)
    expect({ destroyed: message.destroyed, paused: message.isPaused() }).toEqual({ destroyed: false, paused: false })
  })
})
