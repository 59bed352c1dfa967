import { type } from 'arktype'
import { pipeline, type RequestContext, steps } from 'twopi/http'
import { ArgsParser, arg, inLocations, parser, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

// These tests are decided by the compiler: a line marked @ts-expect-error that compiles is an error of `npm run types`.
// Where a pipeline must not compile the functions are only declared, because it would also throw.
const compiled = (_run: () => unknown): void => undefined

describe('the type of args', () => {
  it('is the output of fields of every library side by side', () => {
    const fields = {
      name: z.string().transform((text) => text.length),
      seats: v.pipe(v.string(), v.transform(Number)),
      level: type("'easy' | 'hard'"),
      page: arg.int({ default: 1 }),
      day: arg.date({ optional: true }),
      note: z.string().optional(),
    }
    pipeline(useArgs(fields), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{
        name: number
        seats: number
        level: 'easy' | 'hard'
        page: number
        day?: Date | undefined
        note?: string | undefined
      }>()
    })
  })

  it('is the output of one schema, whichever library made it', () => {
    pipeline(useArgs(z.object({ a: z.string(), b: z.int().default(1) })), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ a: string; b: number }>()
    })
    pipeline(useArgs(v.object({ a: v.optional(v.string(), 'x') })), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ a: string }>()
    })
    pipeline(useArgs(type({ a: 'string.numeric.parse', 'b?': 'boolean' })), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b?: boolean }>()
    })
    pipeline(useArgs(z.array(z.string())), ({ args }) => expectTypeOf(args).toEqualTypeOf<string[]>())
  })

  it('follows the options of arg', () => {
    pipeline(
      useArgs({
        a: arg.int({ optional: true }),
        b: arg.string({ nullable: true }),
        c: arg.bigint({ min: 0n }),
        d: arg.list(arg.bool(), { default: [] }),
        e: arg.delimited(z.string()),
        f: arg.oneOf(['x', 'y'], { optional: true, nullable: true }),
        g: arg.object({ h: arg.number(), i: arg.int({ optional: true }) }),
      }),
      ({ args }) => {
        expectTypeOf(args).toEqualTypeOf<{
          a?: number | undefined
          b: string | null
          c: bigint
          d: boolean[]
          e: string[]
          f?: 'x' | 'y' | null | undefined
          g: { h: number; i?: number | undefined }
        }>()
      },
    )
    // @ts-expect-error a default must be of the field's type
    arg.int({ default: '1' })
    // @ts-expect-error there is no such option
    arg.int({ minimum: 1, max: 2 })
    // @ts-expect-error a default is one of the choices
    arg.oneOf(['x', 'y'], { default: 'z' })
  })

  it('is a list with many', () => {
    pipeline(useArgs({ a: arg.int() }, { many: true }), ({ args }) =>
      expectTypeOf(args).toEqualTypeOf<{ a: number }[]>(),
    )
  })

  it('merges locations, also where fields are named like locations', () => {
    const shape = inLocations({
      path: { id: arg.int() },
      query: { json: arg.bool() },
      json: z.object({ query: z.string(), path: z.string() }),
    })
    pipeline(useArgs(shape), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ id: number; json: boolean; query: string; path: string }>()
    })
    pipeline(useArgs({ query: z.string() }), ({ args }) => expectTypeOf(args).toEqualTypeOf<{ query: string }>())
  })

  it('merges two useArgs in a row, also through steps', () => {
    const both = steps(useArgs({ a: arg.int() }, { location: 'path' }), useArgs(v.object({ b: v.string() })))
    pipeline(both, useArgs({ c: z.string().optional() }, { location: 'query' }), ({ args, request }) => {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b: string; c?: string | undefined }>()
      expectTypeOf(request.method).toEqualTypeOf<string>()
    })
  })

  it('is what parse resolves to', () => {
    compiled(async () => {
      const { request } = {} as RequestContext
      expectTypeOf(await parser.parse({ a: arg.int() }, request)).toEqualTypeOf<{ a: number }>()
      expectTypeOf(await new ArgsParser().parse(z.object({ a: z.int() }), request, { many: true })).toEqualTypeOf<
        { a: number }[]
      >()
    })
  })
})

describe('what must not compile', () => {
  it('is a name that two useArgs declare', () => {
    compiled(() => {
      // @ts-expect-error "a" is declared by an earlier useArgs already
      pipeline(useArgs({ a: arg.int() }), useArgs({ a: arg.string() }, { location: 'query' }), () => 1)
      // @ts-expect-error "a" is declared by an earlier useArgs already
      pipeline(useArgs(z.object({ a: z.int() })), useArgs(v.object({ a: v.string() })), ({ args }) => args)
      // @ts-expect-error it is optional in one of them
      pipeline(useArgs({ a: arg.int({ optional: true }) }), useArgs(type({ a: 'string' })), () => 1)
    })
  })

  it('is a name that two locations declare', () => {
    compiled(() => {
      // @ts-expect-error "id" is declared in two locations
      inLocations({ path: { id: arg.int() }, json: z.object({ id: z.int() }) })
      // @ts-expect-error there is no such location
      inLocations({ body: { id: arg.int() } })
      // @ts-expect-error a list cannot stand beside other locations
      inLocations({ path: { id: arg.int() }, json: z.array(z.string()) })
    })
  })

  it('is anything beside a list', () => {
    compiled(() => {
      // @ts-expect-error `args` is a list already
      pipeline(useArgs({ a: arg.int() }, { many: true }), useArgs({ b: arg.int() }, { location: 'query' }), () => 1)
      // @ts-expect-error `args` is a list here
      pipeline(useArgs({ b: arg.int() }, { location: 'query' }), useArgs({ a: arg.int() }, { many: true }), () => 1)
    })
  })

  it('is a shape or an option that does not exist', () => {
    compiled(() => {
      // @ts-expect-error a field is a schema
      useArgs({ a: 'string' })
      // @ts-expect-error there is no such option
      useArgs({ a: arg.int() }, { many: true, locaton: 'query' })
      // @ts-expect-error there is no such location
      useArgs({ a: arg.int() }, { location: 'body' })
      // @ts-expect-error nothing declares it
      pipeline(useArgs({ a: arg.int() }), ({ args }) => args.b)
    })
  })
})
