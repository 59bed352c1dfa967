import { afterEach, describe, expect, it } from 'vitest'
import { type HealthServer, startHealthServer } from '../../../../src/celery/worker/health-server.ts'
import type { WorkerHealth } from '../../../../src/celery/worker/worker-health.ts'

const well: WorkerHealth = {
  state: 'running',
  hostname: 'celery@host',
  consuming: true,
  connected: true,
  running: 1,
  finishing: 0,
  reserved: 2,
  scheduled: 3,
  processed: 4,
  malformed: 0,
  received: 10,
  deliveriesLost: 0,
  resultsLost: 0,
  lastDelivery: new Date(0),
  lastError: undefined,
}

describe('the health server of a worker', () => {
  let server: HealthServer | undefined
  afterEach(() => server?.close())
  const ask = async (health: Partial<WorkerHealth>, path: string, init: RequestInit = {}) => {
    await server?.close()
    server = await startHealthServer({ health: () => ({ ...well, ...health }) }, { port: 0 })
    return await fetch(`${server.url}${path}`, init)
  }

  it.each<[string, Partial<WorkerHealth>, live: number, ready: number]>([
    ['runs', {}, 200, 200],
    ['starts', { state: 'starting', consuming: false, connected: false }, 200, 503],
    ['has lost its connection', { connected: false }, 200, 503],
    ['takes no messages', { consuming: false }, 200, 503],
    ['stops', { state: 'stopping' }, 200, 503],
    ['has stopped', { state: 'stopped', consuming: false }, 200, 503],
    ['has failed', { state: 'failed', consuming: false, connected: false }, 503, 503],
  ])('answers for one that %s', async (_what, health, live, ready) => {
    expect((await ask(health, '/live')).status).toBe(live)
    expect((await ask(health, '/ready')).status).toBe(ready)
    expect((await ask(health, '/ready?from=probe', { method: 'HEAD' })).status).toBe(ready)
  })

  it('tells numbers, and of errors only the code', async () => {
    const lastError = Object.assign(new Error('amqp://user:secret@host'), { code: 'ERR_CELERY_CONNECTION' })
    const response = await ask({ lastError }, '/ready')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      state: 'running',
      running: 1,
      scheduled: 3,
      lastDelivery: '1970-01-01T00:00:00.000Z',
      lastError: 'ERR_CELERY_CONNECTION',
    })
    expect(text).not.toContain('secret')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('has nothing else to say', async () => {
    expect((await ask({}, '/')).status).toBe(404)
    expect((await ask({}, '/../etc/passwd')).status).toBe(404)
    const posted = await ask({}, '/live', { method: 'POST', body: 'x' })
    expect(posted.status).toBe(405)
    expect(posted.headers.get('allow')).toBe('GET, HEAD')
  })

  it('says when its port is taken', async () => {
    await ask({}, '/live')
    const port = Number(new URL(server?.url ?? '').port)
    await expect(startHealthServer({ health: () => well }, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('does not answer any more when it is closed', async () => {
    await (await ask({}, '/live')).text()
    const url = server?.url ?? ''
    await server?.close()
    await expect(fetch(`${url}/live`)).rejects.toThrow()
  })
})
