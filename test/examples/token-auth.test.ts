import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const examples: Record<string, () => Promise<{ server: unknown }>> = {
  express: () => import('../../examples/token-auth/express.ts'),
  fastify: () => import('../../examples/token-auth/fastify.ts'),
  hono: () => import('../../examples/token-auth/hono.ts'),
  fetch: () => import('../../examples/token-auth/fetch.ts'),
}

describe.each(Object.entries(examples))('the token auth example on %s', (_name, load) => {
  let server: Server
  let origin: string

  beforeAll(async () => {
    vi.stubEnv('PORT', '0')
    server = (await load()).server as Server
    if (!server.listening) await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  async function post(path: string, form: Record<string, string> = {}, token?: string) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(origin + path, { method: 'POST', headers, body: new URLSearchParams(form) })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }
  const logIn = async () =>
    (await post('/login', { username: 'test', password: 'test' })).body as { token: string; refreshToken: string }

  it('exchanges credentials for two tokens', async () => {
    expect(await logIn()).toEqual({ token: expect.any(String), refreshToken: expect.any(String) })
  })

  it('refuses wrong credentials in the envelope', async () => {
    expect(await post('/login', { username: 'test', password: 'guess' })).toEqual({
      status: 401,
      body: { _errors: [expect.stringContaining('could not verify')] },
    })
  })

  it('greets the owner of a token, and nobody else', async () => {
    const { token } = await logIn()
    expect(await post('/protected', {}, token)).toEqual({ status: 200, body: { message: 'Welcome, test' } })
    const nobody = await post('/protected')
    expect(nobody.status).toBe(401)
    expect(nobody.body['_errors']).toEqual(['A valid token is required to access this resource'])
    const forged = await post('/protected', {}, `${token.slice(0, -4)}AAAA`)
    expect(forged.status).toBe(401)
    expect(forged.body['_errors']).toEqual(['The provided token was invalid.'])
  })

  it('renews until it is logged out', async () => {
    const { token, refreshToken } = await logIn()
    const renewed = await post('/renew', { refreshToken })
    expect(renewed).toEqual({ status: 200, body: { token: expect.any(String) } })
    expect(await post('/protected', {}, renewed.body['token'])).toMatchObject({ status: 200 })
    expect(await post('/logout', {}, token)).toEqual({ status: 200, body: { status: 'success' } })
    expect(await post('/logout', {}, token)).toMatchObject({ status: 401 })
    expect(await post('/renew', { refreshToken })).toMatchObject({ status: 401 })
  })

  it('answers an unknown route in the envelope', async () => {
    expect(await post('/nothing')).toEqual({ status: 404, body: { _errors: [expect.any(String)] } })
  })
})
