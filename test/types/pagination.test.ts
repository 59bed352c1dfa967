import { type } from 'arktype'
import type { Kysely } from 'kysely'
import { pipeline, type Reply } from 'twopi/http'
import { type KeysetPage, keyset, type Page, paginated, paginatedReply, paginationArgs } from 'twopi/pagination'
import { arg, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

// These tests are decided by the compiler: a line marked @ts-expect-error that compiles is an error of `npm run types`.
const compiled = (_run: () => unknown): void => undefined

interface Tables {
  classes: { id: number; name: string; seats: number | null; created: Date; tags: string[] }
}
declare const db: Kysely<Tables>
const one = { offset: 0, limit: 1 }
const key = 'a secret of at least thirty-two bytes'

describe('the type of pagination arguments', () => {
  it('is numbers beside the other arguments', () => {
    pipeline(useArgs({ ...paginationArgs(), q: arg.string() }, { location: 'query' }), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ offset: number; limit: number; q: string }>()
    })
    const list = keyset({ order: ['id'], unique: 'id', key })
    pipeline(useArgs({ ...list.cursorArgs(), q: arg.string() }, { location: 'query' }), ({ args }) => {
      expectTypeOf(args).toEqualTypeOf<{ cursor?: string | undefined; limit: number; q: string }>()
    })
  })
})

describe('the type of items', () => {
  it('is that of an array, a query, or slices', () => {
    compiled(() => {
      expectTypeOf(paginated([1, 2], one)).resolves.toEqualTypeOf<Page<number>>()
      expectTypeOf(paginated(['a'] as const, one)).resolves.toEqualTypeOf<Page<'a'>>()
      expectTypeOf(paginated(db.selectFrom('classes').select(['id', 'seats']), one)).resolves.toEqualTypeOf<
        Page<{ id: number; seats: number | null }>
      >()
      expectTypeOf(
        paginated(
          db.selectFrom('classes').select((eb) => eb.fn.count<bigint>('id').as('n')),
          one,
        ),
      ).resolves.toEqualTypeOf<Page<{ n: bigint }>>()
      expectTypeOf(paginated({ count: async () => 1n, slice: async () => [{ a: 1 }] }, one)).resolves.toEqualTypeOf<
        Page<{ a: number }>
      >()
    })
  })

  it('is the output of the schema when there is one, of every library', () => {
    compiled(() => {
      const query = db.selectFrom('classes').selectAll()
      expectTypeOf(paginated(query, z.object({ id: z.int().transform(String) }), one)).resolves.toEqualTypeOf<
        Page<{ id: string }>
      >()
      expectTypeOf(paginated(query, v.object({ id: v.number() }), one)).resolves.toEqualTypeOf<Page<{ id: number }>>()
      expectTypeOf(paginated(query, type({ id: 'number' }), one)).resolves.toEqualTypeOf<Page<{ id: number }>>()
      expectTypeOf(paginated([1], undefined, one)).resolves.toEqualTypeOf<Page<number>>()
      // @ts-expect-error not a schema
      paginated([1], { id: z.int() }, one)
      // @ts-expect-error offset is missing
      paginated([1], { limit: 1 })
      // @ts-expect-error a text is no source
      paginated('text', one)
    })
  })

  it('is kept by a reply', () => {
    pipeline(useArgs(paginationArgs(), { location: 'query' }), ({ args, request }) => {
      expectTypeOf(paginatedReply(request, [1], args)).resolves.toEqualTypeOf<Reply<Page<number>>>()
      expectTypeOf(paginatedReply(request, [1], z.string(), { ...args, total: false })).resolves.toEqualTypeOf<
        Reply<Page<string, null>>
      >()
    })
  })
})

describe('the type of the total', () => {
  it('is a number unless nobody counts', () => {
    compiled(() => {
      expectTypeOf(paginated([1], { ...one, total: true })).resolves.toEqualTypeOf<Page<number, number>>()
      expectTypeOf(paginated([1], { ...one, total: false })).resolves.toEqualTypeOf<Page<number, null>>()
      expectTypeOf(paginated([1], { ...one, total: () => 1n })).resolves.toEqualTypeOf<Page<number, number>>()
      expectTypeOf(paginated([1], { ...one, total: async () => (one.limit > 1 ? 1 : null) })).resolves.toEqualTypeOf<
        Page<number, number | null>
      >()
      expectTypeOf(paginated([1], { ...one, total: one.limit > 1 })).resolves.toEqualTypeOf<
        Page<number, number | null>
      >()
    })
  })
})

describe('the type of a keyset', () => {
  const list = keyset({ order: [{ by: 'seats', nullable: true }, 'id'], unique: 'id', key })

  it('asks of rows what it is ordered by', () => {
    compiled(() => {
      expectTypeOf(
        list.paginated(db.selectFrom('classes').select(['id', 'seats']), { limit: 1 }),
      ).resolves.toEqualTypeOf<KeysetPage<{ id: number; seats: number | null }>>()
      expectTypeOf(
        list.paginated([{ id: 1n, seats: 1, more: '' }], z.string(), { limit: 1, total: true }),
      ).resolves.toEqualTypeOf<KeysetPage<string, number>>()
      // @ts-expect-error `seats` is not selected
      list.paginated(db.selectFrom('classes').select('id'), { limit: 1 })
      // @ts-expect-error `id` may be null
      list.paginated([{ id: null, seats: 1 }], { limit: 1 })
      const byTags = keyset({ order: ['tags', 'id'], unique: 'id', key })
      // @ts-expect-error a list has no place in an order
      byTags.paginated(db.selectFrom('classes').selectAll(), { limit: 1 })
      const bySeats = keyset({ order: ['seats', 'id'], unique: 'id', key })
      // @ts-expect-error `seats` may be null
      bySeats.paginated(db.selectFrom('classes').selectAll(), { limit: 1 })
    })
  })

  it('takes only its own columns for unique ones', () => {
    compiled(() => {
      keyset({ order: ['name', 'id'], unique: ['name', 'id'], key: process.env['SECRET_KEY'] })
      // @ts-expect-error not in `order`
      keyset({ order: ['name', 'id'], unique: 'key', key })
      // @ts-expect-error a unique column is required
      keyset({ order: ['name'], key })
    })
  })
})
