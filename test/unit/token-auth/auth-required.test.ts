import { errorResponse, pipeline, type RequestContext } from 'twopi/http'
import { authRequired } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
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

  it('without parseAuthHeader says so, and the client sees a constant 500', () => {
    const step = authRequired() as unknown as (context: RequestContext) => object
    const error = thrown(() => pipeline(step, () => null)(testContext()))
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toBe(
      'authRequired() found no `token` in the context; put parseAuthHeader(Token) before it.',
    )
    const { status, body } = errorResponse(error, { method: 'GET', path: '/' }, { onError: () => {} })
    expect(status).toBe(500)
    expect(body).not.toContain('parseAuthHeader')
  })

  it('is a TypeError at set-up when scopes are no list', () => {
    expect(() => authRequired({ scopes: 'a b' as unknown as string[] })).toThrow(/`scopes` must be an array/)
  })
})
