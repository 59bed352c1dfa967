import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { forge, NOW, SECRET } from '../../support/forge-token.ts'

// The modules are loaded anew while a global of Node is away, as on a runtime that never had it.
async function loadWithoutBuffer() {
  vi.resetModules()
  vi.stubGlobal('Buffer', undefined)
  try {
    const core = await import('twopi/token-auth')
    const { joseEngine } = await import('twopi/token-auth/jose')
    return { ...core, joseEngine }
  } finally {
    vi.unstubAllGlobals()
  }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.resetModules()
})

describe('on a runtime without Buffer', () => {
  it('both engines make and read the same tokens', async () => {
    const { claim, ShortlivedTokenMixin, joseEngine } = await loadWithoutBuffer()
    const claims = { userId: claim('user_id', z.string()) }
    const Sync = ShortlivedTokenMixin(claims, { keys: SECRET, clock: () => NOW })
    const Async = ShortlivedTokenMixin(claims, { keys: SECRET, clock: () => NOW, engine: joseEngine })
    const raw = new Sync({ userId: 'ü' }).dump()
    expect(Sync.load(raw)?.userId).toBe('ü')
    expect(Sync.load(forge())?.userId).toBe('42')
    expect(await new Async({ userId: 'ü' }).dumpAsync()).toBe(raw)
    expect((await Async.loadAsync(forge()))?.userId).toBe('42')
    for (const wrong of [`${raw}=`, `${raw.slice(0, -1)}\u0141`, 'a.b.c', raw.replace('.', '..')]) {
      expect(Sync.load(wrong)).toBeNull()
      expect(await Async.loadAsync(wrong)).toBeNull()
    }
  })
})

describe('on a runtime without node:crypto', () => {
  it('importing works, and the first use of the default engine says what to do', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const { claim, ShortlivedTokenMixin, joseEngine } = await loadWithoutBuffer()
    const claims = { userId: claim('user_id', z.string()) }
    expect(() => ShortlivedTokenMixin(claims, { keys: SECRET })).toThrow(/no `node:crypto`.*`engine: joseEngine`/)
    const Late = ShortlivedTokenMixin(claims, { keys: () => SECRET, clock: () => NOW })
    expect(() => Late.load(forge())).toThrow(/no `node:crypto`/)
    const Async = ShortlivedTokenMixin(claims, { keys: SECRET, clock: () => NOW, engine: joseEngine })
    expect((await Async.loadAsync(forge()))?.userId).toBe('42')
  })
})
