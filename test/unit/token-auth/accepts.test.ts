import { view } from 'twopi/fetch'
import {
  authRequired,
  claim,
  createTokenAuth,
  MemoryRefreshTokenStore,
  parseAuthHeader,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { forge, NOW, SECRET } from '../../support/forge-token.ts'

const claims = { refreshTokenId: claim('rfid', z.string()), userId: claim('user_id', z.string()) }
const options = { keys: SECRET, clock: () => NOW }
const revoked = new Set(['revoked'])

class Token extends ShortlivedTokenMixin(claims, options) {
  static override accepts(token: Token): boolean {
    return !revoked.has(token.refreshTokenId)
  }
}

class AsyncToken extends ShortlivedTokenMixin(claims, options) {
  static override async accepts(token: AsyncToken): Promise<boolean> {
    return !revoked.has(await Promise.resolve(token.refreshTokenId))
  }
}

const good = new Token({ refreshTokenId: 'a', userId: '1' }).dump()
const bad = new Token({ refreshTokenId: 'revoked', userId: '1' }).dump()

const ask = async (Class: Parameters<typeof parseAuthHeader>[0], raw: string) => {
  const answer = view(parseAuthHeader(Class), authRequired(), () => 'in')
  const response = await answer(new Request('http://a.example/', { headers: { authorization: `Bearer ${raw}` } }))
  return { status: response.status, body: await response.json() }
}

describe('`accepts` of a token class', () => {
  it('is asked by every synchronous way of reading', () => {
    expect(Token.load(good)?.refreshTokenId).toBe('a')
    expect(Token.load(bad)).toBeNull()
    expect(() => Token.verify(bad)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_REFUSED' }))
    expect(Token.tryLoad(bad)).toMatchObject({ ok: false, code: 'ERR_TOKEN_REFUSED' })
    expect(Token.tryLoad(good)).toMatchObject({ ok: true })
  })

  it.each([
    ['one that answers at once', Token],
    ['one that is asynchronous', AsyncToken],
  ])('is asked by every asynchronous way of reading: %s', async (_, Class) => {
    expect((await Class.loadAsync(good))?.refreshTokenId).toBe('a')
    expect(await Class.loadAsync(bad)).toBeNull()
    await expect(Class.verifyAsync(bad)).rejects.toMatchObject({ code: 'ERR_TOKEN_REFUSED' })
    expect(await Class.tryLoadAsync(bad)).toMatchObject({ ok: false, code: 'ERR_TOKEN_REFUSED' })
    expect(await Class.tryLoadAsync(good)).toMatchObject({ ok: true })
  })

  it.each([
    ['one that answers at once', Token],
    ['one that is asynchronous', AsyncToken],
  ])('is asked by parseAuthHeader: %s', async (_, Class) => {
    expect((await ask(Class, good)).status).toBe(200)
    expect(await ask(Class, bad)).toMatchObject({ status: 401, body: { code: 'ERR_TOKEN_INVALID' } })
  })

  it('that is asynchronous makes the class asynchronous', () => {
    expect(Token.isAsync).toBe(false)
    expect(AsyncToken.isAsync).toBe(true)
    expect(() => AsyncToken.load(good)).toThrow(
      new TypeError('`load()` cannot be used because `accepts()` is asynchronous. Call `await loadAsync()`.'),
    )
  })

  it('that fails lets nobody in, and leaves no rejection behind', async () => {
    class Broken extends ShortlivedTokenMixin(claims, options) {
      static override accepts(): boolean {
        throw new Error('the list is not there')
      }
    }
    class BrokenLater extends ShortlivedTokenMixin(claims, options) {
      static override accepts(): Promise<boolean> {
        return Promise.reject(new Error('the list is not there'))
      }
    }
    expect(() => Broken.load(good)).toThrow('the list is not there')
    await expect(BrokenLater.loadAsync(good)).rejects.toThrow('the list is not there')
    expect(() => BrokenLater.load(good)).toThrow(/`accepts\(\)` is asynchronous/)
  })

  it('must answer true: nothing else will do', () => {
    for (const answer of [1, 'yes', {}, undefined, null]) {
      class Loose extends ShortlivedTokenMixin(claims, options) {
        static override accepts(): boolean {
          return answer as never
        }
      }
      expect(Loose.tryLoad(good)).toMatchObject({ code: 'ERR_TOKEN_REFUSED' })
    }
  })

  it('is not asked about a token that is not valid', () => {
    let asked = 0
    class Counting extends ShortlivedTokenMixin(claims, options) {
      static override accepts(): boolean {
        asked++
        return true
      }
    }
    for (const raw of [`${good}x`, forge({ secret: 'other' }), forge({ payload: {} })])
      expect(Counting.load(raw)).toBeNull()
    expect(asked).toBe(0)
    expect(Counting.load(good)).not.toBeNull()
    expect(asked).toBe(1)
  })
})

describe('a check that parseAuthHeader would pass by', () => {
  const base = () => ShortlivedTokenMixin(claims, options)

  it.each(['load', 'verify', 'loadAsync', 'verifyAsync', 'tryLoadAsync'])('is found at set-up: `%s`', (name) => {
    class Overridden extends base() {}
    Object.defineProperty(Overridden, name, { value: () => null })
    expect(() => parseAuthHeader(Overridden)).toThrow(
      new TypeError(
        `\`Overridden.${name}\` is overridden, but tokens of requests are read by \`tryLoad\`, which would pass it by. Put the check into \`static override accepts(token) { … }\`, which every way of reading asks.`,
      ),
    )
    const store = new MemoryRefreshTokenStore()
    expect(() =>
      Reflect.apply(createTokenAuth, undefined, [{ token: Overridden, store, authenticate: () => null }]),
    ).toThrow(/`accepts|accepts\(token\)/)
  })

  it('is found in what a subclass of a subclass inherits, and where the engine is asynchronous', () => {
    class Parent extends ShortlivedTokenMixin(claims, { ...options, engine: joseEngine }) {}
    Object.defineProperty(Parent, 'tryLoad', { value: () => null })
    class Child extends Parent {}
    expect(() => parseAuthHeader(Child)).toThrow(/`Child\.tryLoad` is overridden, .* `tryLoadAsync`/)
  })

  it('is none when the member that is called is overridden, or `accepts` is', () => {
    class Called extends base() {}
    Object.defineProperty(Called, 'load', { value: () => null })
    Object.defineProperty(Called, 'tryLoad', { value: () => null })
    expect(() => parseAuthHeader(Called)).not.toThrow()
    class Both extends Token {}
    Object.defineProperty(Both, 'load', { value: () => null })
    expect(() => parseAuthHeader(Both)).not.toThrow()
    expect(() => parseAuthHeader({ load: () => null })).not.toThrow()
    expect(() => parseAuthHeader(Token)).not.toThrow()
  })
})
