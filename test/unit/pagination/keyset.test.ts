import fc from 'fast-check'
import { type Keyset, type KeysetPage, type KeysetRow, keyset, type OrderColumn } from 'twopi/pagination'
import { arg, parser, ValidationError } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest } from '../../support/test-request.ts'

const KEY = 'a secret of at least thirty-two bytes'
const OTHER_KEY = 'another secret of thirty-two bytes!!'

const names = ['b', 'a', 'c', 'a', 'b', 'a', 'c']
const rows = names.map((name, i) => ({ id: i + 1, name }))
const byName = keyset({ order: ['name', 'id'], unique: 'id', key: KEY })
const inOrder = [2, 4, 6, 1, 5, 3, 7]

/** The ids of each page from the start to the end. */
async function walk<Row extends { readonly id: unknown }>(
  list: Keyset<object>,
  source: (page: number) => readonly Row[],
  limit: number,
): Promise<Row['id'][][]> {
  const pages: Row['id'][][] = []
  let cursor: string | undefined
  do {
    const page = await list.paginated(source(pages.length), { limit, cursor })
    pages.push(page.items.map(({ id }) => id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return pages
}

describe('a page of a keyset', () => {
  it('is in the declared order, with cursors to both sides', async () => {
    const first = await byName.paginated(rows, { limit: 3 })
    expect(first).toEqual({
      limit: 3,
      totalItems: null,
      items: [rows[1], rows[3], rows[5]],
      next: expect.any(String),
      prev: null,
    })
    const second = await byName.paginated(rows, { limit: 3, cursor: first.next ?? '' })
    expect(second.items).toEqual([rows[0], rows[4], rows[2]])
    const third = await byName.paginated(rows, { limit: 3, cursor: second.next ?? '' })
    expect(third).toMatchObject({ items: [rows[6]], next: null })
    expect(await byName.paginated(rows, { limit: 3, cursor: third.prev ?? '' })).toMatchObject({
      items: second.items,
      next: expect.any(String),
    })
    expect(await byName.paginated(rows, { limit: 3, cursor: second.prev ?? '' })).toMatchObject({
      items: first.items,
      prev: null,
    })
  })

  it('of an empty list leads nowhere', async () => {
    expect(await byName.paginated([], { limit: 3 })).toEqual({
      limit: 3,
      totalItems: null,
      items: [],
      next: null,
      prev: null,
    })
  })

  it('may have another limit than the one before it', async () => {
    const first = await byName.paginated(rows, { limit: 1 })
    const second = await byName.paginated(rows, { limit: 5, cursor: first.next ?? '' })
    expect(second.items.map(({ id }) => id)).toEqual(inOrder.slice(1, 6))
  })

  it('knows the number of all items when asked', async () => {
    const { next } = await byName.paginated(rows, { limit: 2 })
    expect(await byName.paginated(rows, { limit: 2, cursor: next ?? '', total: true })).toMatchObject({ totalItems: 7 })
    expect(await byName.paginated(rows, { limit: 2, total: () => 99n })).toMatchObject({ totalItems: 99 })
    expect(await byName.paginated(rows, { limit: 2, total: () => null })).toMatchObject({ totalItems: null })
  })

  it('is shaped by a schema, which may leave out what it is ordered by', async () => {
    const schema = z.object({ id: z.int() })
    const first = await byName.paginated(rows, schema, { limit: 2 })
    expect(first.items).toEqual([{ id: 2 }, { id: 4 }])
    expect((await byName.paginated(rows, schema, { limit: 2, cursor: first.next ?? '' })).items).toEqual([
      { id: 6 },
      { id: 1 },
    ])
    const wrong = z.object({ id: z.string() })
    await expect(byName.paginated(rows, wrong, { limit: 2 })).rejects.toMatchObject({ code: 'ERR_PAGE_ITEM' })
  })

  it('does not change the array', async () => {
    const source = Object.freeze(rows.slice())
    await byName.paginated(source, { limit: 2 })
    expect(source).toEqual(rows)
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('cannot have a limit of %d', async (limit) => {
    await expect(byName.paginated(rows, { limit })).rejects.toThrow(/^`limit` must be a whole number from 1/)
  })

  it('cannot be had of anything else than an array or a query', async () => {
    // @ts-expect-error not a source of a keyset
    await expect(byName.paginated({ slice: () => [] }, { limit: 1 })).rejects.toThrow(/array or a select query/)
  })
})

describe('a walk through a keyset', () => {
  type Value = string | number | bigint | boolean | Date | null
  const row = fc.record({
    a: fc.option(fc.oneof(fc.constantFrom('x', 'y', 'Y', '', 'ä', '\u{1f600}', '\0', '\ud800'), fc.string())),
    b: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt()),
    c: fc.oneof(
      fc.constantFrom(0, 1, 2).map((ms) => new Date(ms)),
      fc.date({ noInvalidDate: true }),
    ),
    d: fc.boolean(),
  })
  const list = fc.array(row, { maxLength: 25 }).map((found) => found.map((values, id) => ({ ...values, id })))
  const column = fc.record({ by: fc.constantFrom('a', 'b', 'c', 'd'), direction: fc.constantFrom('asc', 'desc') })
  const order = fc
    .tuple(fc.uniqueArray(column, { selector: ({ by }) => by }), fc.constantFrom('asc', 'desc'))
    .map(([columns, direction]): readonly OrderColumn[] => [
      ...columns.map(({ by, direction: way }) => ({ by, direction: way as 'asc' | 'desc', nullable: by === 'a' })),
      { by: 'id', direction: direction as 'asc' | 'desc' },
    ])
  interface AnyRow extends Record<string, Value> {
    id: number
  }
  const open = (columns: readonly OrderColumn[]) => keyset({ order: columns, unique: 'id', key: KEY })

  it('visits every row once, in order, and the same way back', async () => {
    await fc.assert(
      fc.asyncProperty(list, order, fc.integer({ min: 1, max: 9 }), async (source, columns, limit) => {
        const paged = open(columns)
        const all = (await walk(paged, () => source, source.length + 1)).flat()
        expect(all.toSorted((a, b) => a - b)).toEqual(source.map(({ id }) => id))
        const pages = await walk(paged, () => source, limit)
        expect(pages.flat()).toEqual(all)

        const back: number[] = []
        let cursor: string | undefined = await lastOf(paged, source)
        while (cursor !== undefined) {
          const page: KeysetPage<AnyRow> = await paged.paginated(source, { limit, cursor, filters: 0 })
          back.unshift(...page.items.map(({ id }) => id))
          cursor = page.prev ?? undefined
        }
        expect(back).toEqual(all)
      }),
    )
  })

  /** The cursor of the link `last`. */
  async function lastOf(paged: Keyset<object>, source: readonly AnyRow[]): Promise<string> {
    const request = new TestRequest({ method: 'GET', url: '/' })
    const { headers } = await paged.paginatedReply(request, source, { limit: 1, filters: 0 })
    const url = /<([^>]*)>; rel="last"/.exec(String(headers['link']))?.[1] ?? ''
    return new URL(url, 'http://x').searchParams.get('cursor') ?? ''
  }

  it('neither repeats nor misses rows when others come and go between the pages', async () => {
    const change = fc.record({ add: fc.array(row, { maxLength: 3 }), drop: fc.array(fc.nat(40), { maxLength: 3 }) })
    await fc.assert(
      fc.asyncProperty(
        list,
        order,
        fc.integer({ min: 1, max: 5 }),
        fc.array(change, { maxLength: 6 }),
        async (source, columns, limit, changes) => {
          const gone = new Set<number>()
          let now: AnyRow[] = source
          const pages = await walk(
            open(columns),
            (page) => {
              const { add = [], drop = [] } = (page === 0 ? undefined : changes[page - 1]) ?? {}
              for (const id of drop) gone.add(id)
              const added = add.map((values, i) => ({ ...values, id: 1000 + page * 10 + i }))
              now = [...now, ...added].filter(({ id }) => !gone.has(id))
              return now
            },
            limit,
          )
          const seen = pages.flat()
          expect(new Set(seen).size).toBe(seen.length)
          for (const { id } of source) if (!gone.has(id)) expect(seen).toContain(id)
        },
      ),
    )
  })

  it('goes on where the row of the cursor was deleted, and finds the way back from nothing', async () => {
    const first = await byName.paginated(rows, { limit: 3 })
    const without = rows.filter(({ id }) => id !== 6)
    const second = await byName.paginated(without, { limit: 2, cursor: first.next ?? '' })
    expect(second.items.map(({ id }) => id)).toEqual([1, 5])

    const before = rows.filter(({ name }) => name === 'a')
    const nothing = await byName.paginated(before, { limit: 2, cursor: first.next ?? '' })
    expect(nothing).toMatchObject({ items: [], next: null })
    expect(
      (await byName.paginated(before, { limit: 2, cursor: nothing.prev ?? '' })).items.map(({ id }) => id),
    ).toEqual([4, 6])
    const behind = rows.filter(({ name }) => name === 'c')
    const none = await byName.paginated(behind, { limit: 2, cursor: second.prev ?? '' })
    expect(none).toMatchObject({ items: [], prev: null })
    expect((await byName.paginated(behind, { limit: 2, cursor: none.next ?? '' })).items.map(({ id }) => id)).toEqual([
      3, 7,
    ])
  })
})

describe('the order of a keyset', () => {
  it('is refused at set-up when it cannot work, with everything that is wrong', () => {
    const make = (options: object) => () => keyset(options as never)
    expect(make({ order: [], unique: 'id', key: KEY })).toThrow(new TypeError('`order` must name at least one column'))
    expect(make({ order: ['name'], unique: 'id', key: KEY })).toThrow(/^`unique` must name the columns of `order`/)
    expect(make({ order: ['name'], key: KEY })).toThrow(/^`unique` must name/)
    expect(make({ order: ['name'], unique: [], key: KEY })).toThrow(/^`unique` must name/)
    expect(make({ order: [{ by: 'id', nullable: true }], unique: 'id', key: KEY })).toThrow(/must not be `nullable`/)
    expect(make({ order: [{ by: 'id', direction: 'up' }, 'id', ''], unique: 'id', key: 'short' })).toThrow(
      new TypeError(
        "the direction of \"id\" must be 'asc' or 'desc', found 'up'; a column of `order` must have a name; `order` must name each column once; `key` must be a secret of at least 32 bytes, as a string or bytes, found one of 5",
      ),
    )
  })

  it('needs no single unique column: several may be it together', async () => {
    const paged = keyset({ order: ['name', 'id'], unique: ['name', 'id'], key: KEY })
    expect((await paged.paginated(rows, { limit: 1 })).items).toEqual([rows[1]])
  })

  it('that two rows share is an error of the server', async () => {
    const twice = [...rows, { id: 2, name: 'a' }]
    await expect(byName.paginated(twice, { limit: 3 })).rejects.toMatchObject({
      name: 'PageOrderError',
      code: 'ERR_PAGE_ORDER',
      columns: ['name', 'id'],
    })
    // On the border of two pages too.
    await expect(byName.paginated([...rows, { id: 6, name: 'a' }], { limit: 3 })).rejects.toThrow(
      /two rows have the same/,
    )
  })

  it.each([
    [undefined, /a row does not have it/],
    [null, /it is `null` in a row; say `nullable: true`/],
    [Number.NaN, /not finite/],
    [Number.POSITIVE_INFINITY, /not finite/],
    [new Date(Number.NaN), /invalid date/],
    [{}, /no text, number, boolean or date/],
    [Symbol('s'), /no text, number, boolean or date/],
  ])('has no place for %o', async (name, message) => {
    await expect(byName.paginated([{ id: 1, name: name as string }], { limit: 1 })).rejects.toMatchObject({
      code: 'ERR_PAGE_ORDER',
      columns: ['name'],
      message: expect.stringMatching(message),
    })
  })

  it('has no place for values of different kinds', async () => {
    const source = [
      { id: 1, name: 'a' },
      { id: 2, name: 3 },
    ]
    await expect(byName.paginated(source, { limit: 1 })).rejects.toThrow(/rows have both a (string|number) and a/)
  })

  it('has no place for a text that makes a cursor too long for a URL', async () => {
    const source = [
      { id: 1, name: 'a'.repeat(5000) },
      { id: 2, name: 'b' },
    ]
    await expect(byName.paginated(source, { limit: 1 })).rejects.toThrow(/too long for a cursor/)
  })
})

describe('a cursor', () => {
  const cursorOf = async (list: Keyset<KeysetRow<['name', 'id']>> = byName, filters?: unknown) =>
    (await list.paginated(rows, { limit: 2, filters })).next ?? ''
  const use = (cursor: string, filters?: unknown, list = byName) => list.paginated(rows, { limit: 2, cursor, filters })
  const refused = { code: 'ERR_ARGS_INVALID', status: 422, messagesDict: { query: { cursor: [expect.any(String)] } } }

  it('needs a secret of 32 bytes, as text or bytes', () => {
    const make = (key: unknown) => () => keyset({ order: ['id'], unique: 'id', key: key as string })
    expect(make(undefined)).toThrow(
      /^`key` must be a secret of at least 32 bytes, as a string or bytes, found undefined$/,
    )
    expect(make(null)).toThrow(/found null$/)
    expect(make([])).toThrow(/^`key` must be at least one secret, found none$/)
    expect(make('x'.repeat(31))).toThrow(/found one of 31$/)
    expect(make([KEY, ''])).toThrow(/found one of 0$/)
    expect(make(new Uint8Array(32))).not.toThrow()
  })

  it('is of a URL’s own characters', async () => {
    const odd = [
      { id: 1, name: '\u{1f600}\ud800\0"<>' },
      { id: 2, name: 'z' },
    ]
    const cursor = (await byName.paginated(odd, { limit: 1 })).next ?? ''
    expect(cursor).toMatch(/^[\w-]+\.[\w-]{43}$/)
    expect(encodeURIComponent(cursor)).toBe(cursor)
  })

  it('is refused after any change of a character', async () => {
    const cursor = await cursorOf()
    for (let i = 0; i < cursor.length; i++) {
      const other = cursor[i] === 'A' ? 'B' : 'A'
      await expect(use(cursor.slice(0, i) + other + cursor.slice(i + 1))).rejects.toMatchObject(refused)
    }
    for (const text of [`${cursor}A`, `A${cursor}`, cursor.slice(1), cursor.slice(0, -1), `${cursor}=`, ` ${cursor}`]) {
      await expect(use(text)).rejects.toMatchObject(refused)
    }
  })

  it('is refused, and never an error of the server, whatever text it is', async () => {
    const made = await cursorOf()
    const [payload = '', code = ''] = made.split('.')
    const hostile = fc.oneof(
      fc.string(),
      fc.string({ maxLength: 9000, minLength: 4000 }),
      fc.json().map((json) => `${Buffer.from(json).toString('base64url')}.${code}`),
      fc.string().map((text) => `${payload}.${text}`),
      fc.base64String().map((text) => `${text}.${code}`),
      fc.constantFrom('', '.', '..', `.${code}`, `${payload}.`, payload, code, `${made}.${code}`, '__proto__', '\0'),
    )
    const shape = byName.cursorArgs()
    await fc.assert(
      fc.asyncProperty(hostile, async (cursor) => {
        await expect(use(cursor)).rejects.toMatchObject(refused)
        const request = new TestRequest({ method: 'GET', url: `/x?${new URLSearchParams({ cursor })}` })
        await expect(parser.parse(shape, request, { location: 'query' })).rejects.toBeInstanceOf(ValidationError)
      }),
    )
  })

  it('of another key is refused, until the key is one of the list', async () => {
    const other = keyset({ order: ['name', 'id'], unique: 'id', key: OTHER_KEY })
    const both = keyset({ order: ['name', 'id'], unique: 'id', key: [OTHER_KEY, new TextEncoder().encode(KEY)] })
    const old = await cursorOf()
    await expect(use(old, undefined, other)).rejects.toMatchObject(refused)
    expect((await use(old, undefined, both)).items).toEqual((await use(old)).items)
    // What is made now is signed by the first.
    expect((await use(await cursorOf(both), undefined, other)).items).toHaveLength(2)
    await expect(use(await cursorOf(both))).rejects.toMatchObject(refused)
  })

  it.each<[string, readonly OrderColumn[]]>([
    ['another direction', ['name', { by: 'id', direction: 'desc' }]],
    ['other columns', ['id', 'name']],
    ['fewer columns', ['id']],
    ['a column of the same name from elsewhere', ['name', { by: 'id', column: 'other.id' }]],
    ['null at another end', [{ by: 'name', nullable: true }, 'id']],
  ])('of an order with %s is refused', async (_, order) => {
    const other = keyset({ order, unique: 'id', key: KEY })
    const cursor = (await other.paginated(rows, { limit: 2 })).next ?? ''
    await expect(use(cursor)).rejects.toMatchObject(refused)
  })

  it('serves the filters it was made for, whatever the order of their names', async () => {
    const when = new Date(5)
    const cursor = await cursorOf(byName, { q: 'a', tags: ['x', 1n], when, no: undefined, deep: { b: 1, a: null } })
    const same = { deep: { a: null, b: 1 }, when: new Date(5), tags: ['x', 1n], q: 'a' }
    expect((await use(cursor, same)).items).toHaveLength(2)
    for (const other of [
      { ...same, q: 'b' },
      { ...same, tags: [1n, 'x'] },
      { ...same, tags: ['x', '1'] },
      { ...same, when: new Date(6) },
      { ...same, when: 5 },
      { ...same, deep: { a: null } },
      { ...same, more: 1 },
      undefined,
      null,
      [],
      '',
    ]) {
      await expect(use(cursor, other)).rejects.toMatchObject({
        messages: [expect.stringContaining('This cursor was made for other filters.')],
      })
    }
  })

  it('is made for filters whose texts cannot be mistaken for each other', async () => {
    const filters = [
      undefined, null, 0, '0', 0n, false, '', [], {}, ['undefined'], ['bigint', '0'], ['date', 0], new Date(0), ['list'],
      [[]], ['object'], { list: [] }, [['a', 1]], { a: 1 }, [null], [undefined], [Number.NaN], Number.NaN, [''],
    ] // biome-ignore format: a table
    for (const [i, one] of filters.entries()) {
      const cursor = await cursorOf(byName, one)
      for (const [j, other] of filters.entries()) {
        const outcome = await use(cursor, other).then(
          () => 'served',
          () => 'refused',
        )
        expect(outcome, `${i} ${j}`).toBe(i === j ? 'served' : 'refused')
      }
    }
  })

  it('cannot be made for filters without a text', async () => {
    const endless: unknown[] = []
    endless.push(endless)
    for (const filters of [() => 1, Symbol('s'), new Map(), endless]) {
      await expect(byName.paginated(rows, { limit: 2, filters })).rejects.toThrow(/^`filters` must/)
    }
  })

  it('is an argument like others: wrong ones are told together, in the layout of the parser', async () => {
    const shape = { ...byName.cursorArgs({ maxLimit: 10 }), open: arg.bool({ default: true }) }
    const read = (query: string) =>
      parser.parse(shape, new TestRequest({ method: 'GET', url: `/x?${query}` }), { location: 'query' })
    const cursor = await cursorOf()
    expect(await read('')).toEqual({ limit: 10, open: true })
    expect(await read(`cursor=${cursor}&limit=3`)).toEqual({ cursor, limit: 3, open: true })
    await expect(read('cursor=abc&limit=0&open=maybe')).rejects.toMatchObject({
      issues: [
        { location: 'query', path: ['cursor'], code: 'invalid_value', message: 'Not a cursor of this list.' },
        { path: ['limit'], code: 'too_small' },
        { path: ['open'] },
      ],
    })
    await expect(read('cursor=')).rejects.toMatchObject({ status: 422 })
    expect(() => byName.cursorArgs({ maxLimit: 0 })).toThrow(/^`maxLimit` must be a whole number from 1, found 0$/)
  })

  it('for other filters is told in the layout of the keyset', async () => {
    const flat = keyset({ order: ['name', 'id'], unique: 'id', key: KEY, layout: 'problem' })
    const cursor = await cursorOf(flat, 1)
    await expect(use(cursor, 2, flat)).rejects.toMatchObject({ layout: 'problem', status: 422 })
  })
})
