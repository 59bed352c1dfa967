import fc from 'fast-check'
import { isTwopiError } from 'twopi'
import { toHttpError } from 'twopi/http'
import { paginated } from 'twopi/pagination'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const rows = Array.from({ length: 45 }, (_, i) => ({ id: i, name: `n${i}`, secret: 'x' }))

/** A source that says what it was asked for. */
function slices(of: readonly number[]) {
  const asked: string[] = []
  return {
    asked,
    count: () => {
      asked.push('count')
      return of.length
    },
    slice: async (offset: number, limit: number) => {
      asked.push(`slice ${offset} ${limit}`)
      return of.slice(offset, offset + limit)
    },
  }
}

describe('a page of an array', () => {
  it('has the body of the original, in its order', async () => {
    const page = await paginated(rows, { offset: 40, limit: 20 })
    expect(JSON.stringify(page)).toBe(
      JSON.stringify({ offset: 40, limit: 20, totalItems: 45, items: rows.slice(40, 45) }),
    )
  })

  it('is empty behind the end, with the number of all items', async () => {
    expect(await paginated(rows, { offset: 45, limit: 1 })).toEqual({ offset: 45, limit: 1, totalItems: 45, items: [] })
    expect(await paginated([], { offset: 0, limit: 1 })).toEqual({ offset: 0, limit: 1, totalItems: 0, items: [] })
  })

  it('is a list of its own', async () => {
    const source = [1, 2]
    const { items } = await paginated(source, { offset: 0, limit: 5 })
    items.push(3)
    expect(source).toEqual([1, 2])
  })

  it('visits every row once on a walk, whatever the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 12 }), async (source, limit) => {
        const seen: number[] = []
        for (let offset = 0; ; offset += limit) {
          const page = await paginated(source, { offset, limit })
          expect(page.totalItems).toBe(source.length)
          seen.push(...page.items)
          if (offset + limit >= page.totalItems) break
        }
        expect(seen).toEqual(source)
      }),
    )
  })
})

describe('offset and limit of a page', () => {
  it.each([
    [{ offset: -1, limit: 1 }, '`offset` must be a whole number from 0, found -1'],
    [{ offset: -3, limit: 1 }, '`offset` must be a whole number from 0, found -3'],
    [{ offset: 0.5, limit: 1 }, '`offset` must be a whole number from 0, found 0.5'],
    [{ offset: 0, limit: -1 }, '`limit` must be a whole number from 1, found -1'],
    [{ offset: 0, limit: 0 }, '`limit` must be a whole number from 1, found 0'],
    [{ offset: 0, limit: Number.POSITIVE_INFINITY }, '`limit` must be a whole number from 1, found Infinity'],
    [{ offset: Number.NaN, limit: 1 }, '`offset` must be a whole number from 0, found NaN'],
  ])('never reach a source when they are %o', async (options, message) => {
    await expect(paginated(rows, options)).rejects.toThrow(new TypeError(message))
  })
})

describe('the source of a page', () => {
  it('must be one of the three kinds', async () => {
    // @ts-expect-error not a source
    await expect(paginated('abc', { offset: 0, limit: 1 })).rejects.toThrow(/array, a select query .* found string$/)
    // @ts-expect-error not a source
    await expect(paginated(null, { offset: 0, limit: 1 })).rejects.toThrow(/found null$/)
  })

  it('may be counted and sliced, one after the other, with exactly the limit of the page', async () => {
    const source = slices([1, 2, 3, 4, 5])
    const page = await paginated(source, { offset: 2, limit: 2 })
    expect(page).toEqual({ offset: 2, limit: 2, totalItems: 5, items: [3, 4] })
    expect(source.asked).toEqual(['slice 2 2', 'count'])
  })

  it('is not counted when the page shows where the list ends', async () => {
    const source = slices([1, 2, 3, 4, 5])
    expect(await paginated(source, { offset: 4, limit: 2 })).toMatchObject({ totalItems: 5, items: [5] })
    expect(source.asked).toEqual(['slice 4 2'])
    expect(await paginated(slices([]), { offset: 0, limit: 2 })).toMatchObject({ totalItems: 0, items: [] })
  })

  it('is counted behind the end, because an empty page tells nothing', async () => {
    expect(await paginated(slices([1, 2, 3]), { offset: 9, limit: 2 })).toMatchObject({ totalItems: 3, items: [] })
  })

  it('is counted as no less than what was seen, when rows go meanwhile', async () => {
    const source = { count: () => 1, slice: () => ['a', 'b'] }
    expect(await paginated(source, { offset: 0, limit: 2 })).toMatchObject({ totalItems: 2 })
  })

  it.each(['7', 7n, 7])('may count in %o', async (count) => {
    expect(await paginated({ count: () => count, slice: () => [1] }, { offset: 0, limit: 1 })).toMatchObject({
      totalItems: 7,
    })
  })

  it.each([-1, 1.5, Number.NaN, '1e3', '', null, undefined, 2n ** 60n])('must not count as %o', async (count) => {
    const source = { count: () => count as number, slice: () => [1] }
    await expect(paginated(source, { offset: 0, limit: 1 })).rejects.toThrow(/^`count` must give a whole number from 0/)
  })

  it('must not give more than it was asked for', async () => {
    const source = { count: () => 3, slice: () => [1, 2, 3] }
    await expect(paginated(source, { offset: 0, limit: 2 })).rejects.toThrow(
      new TypeError('`slice` must give at most `limit` rows, found 3 for a limit of 2'),
    )
  })

  it('needs `count` only where all items are counted', async () => {
    const source = { slice: () => [1] }
    await expect(paginated(source, { offset: 0, limit: 1 })).rejects.toThrow(/`count` is missing/)
    expect(await paginated(source, { offset: 0, limit: 1, total: false })).toMatchObject({ items: [1] })
  })
})

describe('the total of a page', () => {
  it('is null and not counted with `total: false`', async () => {
    const source = slices([1, 2, 3])
    expect(await paginated(source, { offset: 0, limit: 2, total: false })).toEqual({
      offset: 0,
      limit: 2,
      totalItems: null,
      items: [1, 2],
    })
    expect(source.asked).toEqual(['slice 0 2'])
  })

  it('is what a function says, null included', async () => {
    const source = slices([1, 2, 3])
    expect(await paginated(source, { offset: 0, limit: 2, total: async () => '1000' })).toMatchObject({
      totalItems: 1000,
    })
    expect(await paginated(source, { offset: 0, limit: 2, total: () => null })).toMatchObject({ totalItems: null })
    expect(source.asked).not.toContain('count')
    await expect(paginated(source, { offset: 0, limit: 2, total: () => -5 })).rejects.toThrow(
      new TypeError('`total` must give a whole number from 0, found -5'),
    )
  })
})

describe('the schema of items', () => {
  it('shapes each row of the page and no other', async () => {
    const shaped: number[] = []
    const schema = z.object({ id: z.int().transform((id) => `#${id}-${shaped.push(id)}`) })
    const page = await paginated(rows, schema, { offset: 1, limit: 2 })
    expect(page.items).toEqual([{ id: '#1-1' }, { id: '#2-2' }])
    expect(shaped).toEqual([1, 2])
  })

  it('may be asynchronous, and undefined', async () => {
    const schema = z.object({ id: z.int() }).transform(async ({ id }) => id)
    expect((await paginated(rows, schema, { offset: 1, limit: 3 })).items).toEqual([1, 2, 3])
    expect((await paginated([1], undefined, { offset: 0, limit: 3 })).items).toEqual([1])
  })

  it('that a row does not fit is an error of the server, which names the item and the place', async () => {
    const source = [{ name: 'ok' }, { name: 42 }]
    for (const schema of [z.object({ name: z.string() }), v.object({ name: v.string() })]) {
      await expect(paginated(source, schema, { offset: 0, limit: 5 })).rejects.toMatchObject({
        name: 'PageItemError',
        code: 'ERR_PAGE_ITEM',
        index: 1,
        issues: [{ message: expect.any(String) }],
        message: 'Item 1 of the page is not what the schema of items asks for, at "name"; `issues` says what it found.',
      })
    }
    await expect(paginated([1], z.string(), { offset: 0, limit: 5 })).rejects.toThrow(/asks for, as a whole;/)
  })

  it('tells a client nothing of what did not fit', async () => {
    const error = await paginated([{ name: 42 }], v.object({ name: v.string() }), { offset: 0, limit: 5 }).catch(
      (thrown: unknown) => thrown,
    )
    expect(toHttpError(error).body).toEqual({ _errors: ['Internal Server Error'] })
    expect(isTwopiError(error)).toBe(true)
    expect(String(error)).not.toContain('42')
  })

  it('must be a Standard Schema', async () => {
    // @ts-expect-error not a schema
    await expect(paginated(rows, {}, { offset: 0, limit: 5 })).rejects.toThrow(/^`schema` must be a Standard Schema/)
  })
})
