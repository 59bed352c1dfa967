import { arg } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { argsOf } from './refusal.ts'

describe('the default of a field', () => {
  it('belongs to one request, however deep a view changes it', async () => {
    const shape = {
      o: arg.object({ n: arg.int() }, { default: { n: 1 } }),
      l: arg.list(arg.object({ n: arg.int() }), { default: [{ n: 1 }] }),
      d: arg.date({ default: new Date(0) }),
    }
    for (let i = 0; i < 2; i++) {
      const args = (await argsOf(shape, { json: {} })) as { o: { n: number }; l: { n: number }[]; d: Date }
      expect(args).toEqual({ o: { n: 1 }, l: [{ n: 1 }], d: new Date(0) })
      args.o.n = 2
      args.l[0] = { n: 2 }
      args.d.setUTCFullYear(2000)
    }
  })

  it('is that of the declaration, whatever becomes of the object it was given as', async () => {
    const fallback = { n: 1 }
    const shape = { o: arg.object({ n: arg.int() }, { default: fallback }) }
    fallback.n = 2
    expect(await argsOf(shape, { json: {} })).toEqual({ o: { n: 1 } })
  })

  it('must be one that can be copied, or a function', () => {
    const fallback = { f: () => 1 }
    expect(() => arg.string({ default: fallback as never })).toThrow(
      new TypeError('`default` must be a value that can be copied for each request, or a function that makes one'),
    )
  })
})
