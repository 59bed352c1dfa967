import { errorResponse, pipeline, type RequestContext, steps } from 'twopi/http'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testContext } from '../../support/test-request.ts'

const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('authRequired', () => {
  it('lets a token pass as it is', () => {
    const token = { userId: 'ada' }
    expect(authRequired()({ token }).token).toBe(token)
  })

  it('answers 401 without a token, with the text of the original and a challenge without error', () => {
    expect(thrown(() => authRequired({ realm: 'school' })({ token: null }))).toMatchObject({
      status: 401,
      code: 'ERR_AUTH_REQUIRED',
      messages: ['A valid token is required to access this resource'],
      headers: { 'www-authenticate': 'Bearer realm="school"' },
    })
  })

  it.each([
    ['a list that has all', ['b', 'c', 'a'], true],
    ['a list that lacks one', ['a'], false],
    ['an empty list', [], false],
    ['a text that has all', 'c b a', true],
    ['a text that lacks one', 'a bb', false],
    ['an empty text', '', false],
    ['a text in which a scope only occurs', 'ab', false],
    ['a list in which a scope only occurs', ['a b'], false],
    ['nothing', undefined, false],
    ['something else', { a: true, b: true } as unknown as string, false],
  ])('needs every scope: %s', (_title, scopes, passes) => {
    const run = () => authRequired({ scopes: ['a', 'b'] })({ token: { scopes } })
    if (passes) expect(run().token.scopes).toBe(scopes)
    else {
      expect(thrown(run)).toMatchObject({
        status: 403,
        code: 'ERR_AUTH_SCOPE',
        headers: {
          'www-authenticate':
            'Bearer realm="api", error="insufficient_scope", error_description="The token does not have the scopes that this resource needs.", scope="a b"',
        },
      })
    }
  })

  it('answers a missing token before a missing scope', () => {
    expect(thrown(() => authRequired({ scopes: ['a'] })({ token: null }))).toMatchObject({ status: 401 })
  })

  it('asks for nothing when the list of scopes is empty', () => {
    expect(authRequired({ scopes: [] })({ token: { scopes: undefined } })).toEqual({ token: { scopes: undefined } })
  })

  it('keeps its own copy of the scopes', () => {
    const scopes = ['a']
    const step = authRequired({ scopes })
    scopes.pop()
    expect(thrown(() => step({ token: { scopes: [] } }))).toMatchObject({ status: 403 })
  })

  describe('where no step before adds a token', () => {
    const required = authRequired() as unknown as (context: RequestContext) => object
    const parsed = parseAuthHeader({ load: (raw: string) => ({ raw }) })
    const own = ({ request }: RequestContext) => ({ token: { path: request.path } })
    const message = 'authRequired() found no `token` in the context; put parseAuthHeader(Token) before it.'

    it('is a TypeError at set-up', () => {
      const args = useArgs({ name: z.string().optional() }, { location: 'query' })
      for (const before of [[], [args], [args, required]]) {
        const parts = [...before, required, () => null] as unknown as [typeof required]
        expect(() => pipeline(...parts)).toThrow(new TypeError(message))
      }
      expect(() => pipeline(steps(required), parsed, () => null)).toThrow(message)
    })

    it('is a TypeError at set-up when parseAuthHeader comes after it', () => {
      const nothing = () => undefined
      expect(() => pipeline(nothing, required, parsed, () => null)).toThrow(
        new TypeError('parseAuthHeader() stands after authRequired(); put it before.'),
      )
      expect(() => pipeline(parsed, required, parsed, required, () => null)).not.toThrow()
    })

    it('lets a step of your own add one, through groups too', () => {
      const view = pipeline(steps(own), required, () => 'in')
      expect(view(testContext())).toMatchObject({ data: 'in' })
      expect(() => pipeline(steps(parsed, required), () => null)).not.toThrow()
    })

    it('says so on a request when such a step adds none, and the client sees a constant 500', () => {
      const nothing = () => ({})
      const error = thrown(() => pipeline(nothing, required, () => null)(testContext()))
      expect(error).toEqual(new TypeError(message))
      const { status, body } = errorResponse(error, { method: 'GET', path: '/' }, { onError: () => {} })
      expect(status).toBe(500)
      expect(body).not.toContain('parseAuthHeader')
    })
  })

  it('is a TypeError at set-up when scopes are no list', () => {
    expect(() => authRequired({ scopes: 'a b' as unknown as string[] })).toThrow(/`scopes` must be an array/)
  })
})
