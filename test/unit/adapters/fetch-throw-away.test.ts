import { view } from 'twopi/fetch'
import { limitBody } from 'twopi/http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

describe('the rest of a body that a fetch-style server refused', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  const PIECE = 65_536

  it('is thrown away up to 8 MiB, and cancelled after 5 seconds', async () => {
    let given = 0
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        given += PIECE
        // Ends at some time, or the test would not where there is no bound.
        if (given > 64 * 1_048_576) controller.close()
        else controller.enqueue(new Uint8Array(PIECE))
      },
      cancel: () => {
        cancelled = true
      },
    })
    const handle = view(limitBody(10), async ({ request }) => (await request.bytes()).length)
    const init = { method: 'POST', body, duplex: 'half' } as const
    expect((await handle(new Request('http://localhost/', init))).status).toBe(413)
    let before = -1
    while (given !== before) {
      before = given
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(given).toBeLessThan(9 * 1_048_576)
    vi.advanceTimersByTime(4999)
    expect(cancelled).toBe(false)
    vi.advanceTimersByTime(1)
    expect(cancelled).toBe(true)
  })
})
