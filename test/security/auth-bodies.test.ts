import { view } from 'twopi/fetch'
import { descriptionsOf, limitBody, type RequestContext } from 'twopi/http'
import {
  claim,
  createTokenAuth,
  MemoryRefreshTokenStore,
  type RefreshToken,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest } from '../support/test-request.ts'

// What a body may do to login, renew and logout before anybody has logged in.

class ShortlivedToken extends ShortlivedTokenMixin(
  { refreshTokenId: claim('rfid', z.string()) },
  { keys: 'a secret of more than thirty-two bytes' },
) {
  static override fromRefreshToken({ id }: RefreshToken) {
    return new this({ refreshTokenId: id })
  }
}

const setUp = (bodyLimit?: number) =>
  createTokenAuth({
    token: ShortlivedToken,
    store: new MemoryRefreshTokenStore(),
    bodyLimit,
    authenticate: ({ username }) => ({ userId: username }),
  })

const VIEWS = ['login', 'renew', 'logout'] as const
const FORM = 'application/x-www-form-urlencoded'

/** 1 MiB of names, no two alike. */
const names = Array.from({ length: 200_000 }, (_, i) => i.toString(36))

/** A request that counts how often its form is walked through. */
class CountingRequest extends TestRequest {
  walks = 0

  override async form(): Promise<URLSearchParams> {
    const form = await super.form()
    return new Proxy(form, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...parameters: unknown[]) => {
          this.walks += 1
          return Reflect.apply(member, target, parameters)
        }
      },
    })
  }
}

describe('the bodies of login, renew and logout', () => {
  it.each(VIEWS)('%s walks through a form once per field that it wants, not once per field that came', async (name) => {
    const request = new CountingRequest({ headers: { 'content-type': FORM }, body: names.join('&') })
    const context: RequestContext = { request }
    await expect(setUp()[name](context)).rejects.toMatchObject({ status: name === 'logout' ? 401 : 422 })
    expect(request.walks).toBeLessThanOrEqual(2)
  })

  it.each(VIEWS.flatMap((name) => [FORM, 'application/json'].map((type) => [name, type] as const)))(
    '%s takes no more than 16 KiB of %s',
    async (name, type) => {
      const handler = view((context) => setUp()[name](context as RequestContext))
      const answerTo = async (length: number) => {
        const [before, after] = type === FORM ? ['x=', ''] : ['{"x":"', '"}']
        const body = before + 'a'.repeat(length - before.length - after.length) + after
        const request = new Request('http://localhost/', { method: 'POST', headers: { 'content-type': type }, body })
        return (await handler(request)).status
      }
      expect(await answerTo(16_384)).toBe(name === 'logout' ? 401 : 422)
      expect(await answerTo(16_385)).toBe(413)
    },
  )

  it.each(VIEWS)('%s says its limit to those who document it', (name) => {
    expect(descriptionsOf(setUp()[name])).toMatchObject([{ bodyLimit: 16_384 }])
    expect(descriptionsOf(setUp(99)[name])).toMatchObject([{ bodyLimit: 99 }])
  })

  it('the limit can be set, a smaller one of a step before stays, and a body that was read already is no fault', async () => {
    const post = async (handler: (request: Request) => Response | Promise<Response>, length: number) => {
      const body = JSON.stringify({ username: 'ada', password: '', more: 'a'.repeat(length) })
      const headers = { 'content-type': 'application/json' }
      return (await handler(new Request('http://localhost/', { method: 'POST', headers, body }))).status
    }
    const large = setUp(100_000)
    expect(await post(view(large.login), 90_000)).toBe(200)
    expect(await post(view(limitBody(1000), large.login), 990)).toBe(413)
    const reads = async ({ request }: RequestContext) => {
      await request.bytes()
    }
    expect(await post(view(reads, setUp().login), 90_000)).toBe(200)
    expect(() => setUp(0)).toThrow('createTokenAuth: `bodyLimit` must be a whole number of bytes from 1, found 0')
  })
})
