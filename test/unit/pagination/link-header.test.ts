import fc from 'fast-check'
import { pipeline, type Reply } from 'twopi/http'
import { keyset, type PageReplyOptions, paginatedReply, paginationArgs, type TotalOption } from 'twopi/pagination'
import { arg, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { TestRequest, testContext } from '../../support/test-request.ts'

const rows = Array.from({ length: 45 }, (_, i) => ({ id: i }))

// Any sixteen bits, halves of surrogate pairs included; characters that matter in a header often.
const anyCode = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...Array.from('<>"; ,\r\n/\\%&=+', ord)))
const anyText = fc.array(anyCode).map((codes) => String.fromCharCode(...codes))

function ord(character: string): number {
  return character.charCodeAt(0)
}

/** The links of a page, by relation. */
function linksOf(header: unknown): Record<string, string> {
  const links = String(header).matchAll(/<([^>]*)>; rel="(\w+)"/g)
  return Object.fromEntries([...links].map(([, url, rel]) => [rel, url]))
}

async function linksAt(url: string, options: Partial<PageReplyOptions<TotalOption>> = {}) {
  const request = new TestRequest({ method: 'GET', url })
  const reply = await paginatedReply(request, rows, { offset: 0, limit: 20, ...options })
  return linksOf(reply.headers['link'])
}

describe('the Link header of a page', () => {
  it('leads to the first, previous, next and last page, and keeps the rest of the query', async () => {
    const request = new TestRequest({ method: 'GET', url: '/classes?q=a%20b&tag=x&tag=y&limit=20&offset=20' })
    const { headers, data, status } = await paginatedReply(request, rows, { offset: 20, limit: 20 })
    expect(status).toBe(200)
    expect(data.totalItems).toBe(45)
    expect(headers).toEqual({
      link: [
        '</classes?q=a+b&tag=x&tag=y&offset=0&limit=20>; rel="first"',
        '</classes?q=a+b&tag=x&tag=y&offset=0&limit=20>; rel="prev"',
        '</classes?q=a+b&tag=x&tag=y&offset=40&limit=20>; rel="next"',
        '</classes?q=a+b&tag=x&tag=y&offset=40&limit=20>; rel="last"',
      ].join(', '),
    })
  })

  it('has no prev on the first page and no next on the last', async () => {
    expect(Object.keys(await linksAt('/x'))).toEqual(['first', 'next', 'last'])
    expect(Object.keys(await linksAt('/x', { offset: 40 }))).toEqual(['first', 'prev', 'last'])
    expect(Object.keys(await linksAt('/x', { offset: 25 }))).toEqual(['first', 'prev', 'last'])
    expect(Object.keys(await linksAt('/x', { limit: 45 }))).toEqual(['first', 'last'])
  })

  it('leads from behind the end back to the last page', async () => {
    expect(await linksAt('/x', { offset: 1000 })).toEqual({
      first: '/x?offset=0&limit=20',
      prev: '/x?offset=40&limit=20',
      last: '/x?offset=40&limit=20',
    })
  })

  it('calls last where next leads in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 9 }), fc.nat(40), async (count, limit, start) => {
        const source = Array.from({ length: count }, (_, i) => i)
        let offset = start
        let last: string | undefined
        for (;;) {
          const request = new TestRequest({ method: 'GET', url: '/x' })
          const links = linksOf((await paginatedReply(request, source, { offset, limit })).headers['link'])
          last ??= links['last']
          expect(links['last']).toBe(last)
          if (links['next'] === undefined) break
          offset = Number(new URLSearchParams(links['next'].slice(3)).get('offset'))
        }
        if (start < count) expect(last).toBe(`/x?offset=${offset}&limit=${limit}`)
      }),
    )
  })

  it('has no last where nobody counted or a function said the number, but a true next', async () => {
    for (const total of [false, () => 3, () => null] as const) {
      expect(await linksAt('/x', { total })).toEqual({
        first: '/x?offset=0&limit=20',
        next: '/x?offset=20&limit=20',
      })
      expect(await linksAt('/x', { total, offset: 40 })).not.toHaveProperty('next')
    }
  })

  it('takes a full slice for a sign of more only when nobody counts', async () => {
    const request = new TestRequest({ method: 'GET', url: '/x' })
    const source = { count: () => 2, slice: () => [1, 2] }
    const counted = await paginatedReply(request, source, { offset: 0, limit: 2 })
    const uncounted = await paginatedReply(request, source, { offset: 0, limit: 2, total: false })
    expect(linksOf(counted.headers['link'])).not.toHaveProperty('next')
    expect(linksOf(uncounted.headers['link'])).toHaveProperty('next')
  })

  it('never has a token in it, in any spelling of its name', async () => {
    const url = '/x?token=s3cret&TOKEN=s3cret&access_token=s3cret&refresh_token=s3cret&t%6Fken=s3cret&jwt=s3cret&q=1'
    for (const link of Object.values(await linksAt(url, { omit: ['JWT'] }))) {
      expect(link).not.toContain('s3cret')
      expect(link).toContain('q=1')
    }
  })

  it.each(['/a?x=1', '/a#b', '/a>; rel="next", <http://evil.example', '/a b', '/a\r\nx: y', '/a\0', '/ä', '/a\\b'])(
    'refuses the base %j before any row is read',
    async (linkBase) => {
      const source = { count: () => expect.fail('counted'), slice: () => expect.fail('read') }
      const request = new TestRequest({ method: 'GET', url: '/x' })
      const refused = new TypeError(
        `\`linkBase\` must be an address in ASCII without "?", "#", "<", ">" and blanks, found ${JSON.stringify(linkBase)}`,
      )
      await expect(paginatedReply(request, source, { offset: 0, limit: 1, linkBase })).rejects.toThrow(refused)
      const byId = keyset({ order: ['id'], unique: 'id', key: 'only for this test, 32 bytes or more' })
      await expect(byId.paginatedReply(request, [{ id: 1 }], { limit: 1, linkBase })).rejects.toThrow(refused)
    },
  )

  it('may begin with an address that only the outside knows', async () => {
    expect(await linksAt('/inner?q=1', { linkBase: 'https://api.example.com/classes' })).toMatchObject({
      next: 'https://api.example.com/classes?q=1&offset=20&limit=20',
    })
  })

  it.each([
    '//evil.example/x',
    '/x>;rel="next",<http://evil.example',
    '/a\\b',
    'http://evil.example/x',
    '/ä',
    '/%zz',
    '*',
  ])('leaves the path out when it is %s, so that a link never leaves the host', async (path) => {
    expect((await linksAt(`${path}?q=1`))['next']).toBe('?q=1&offset=20&limit=20')
  })

  it('can stand in a header whatever the request was', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (path, query) => {
        const request = new TestRequest({ method: 'GET', url: `/${path}?${query}` })
        const { headers } = await paginatedReply(request, rows, { offset: 20, limit: 20 })
        const link = String(headers['link'])
        expect(() => new Headers({ link })).not.toThrow()
        expect(link).toMatch(/^(<[!-=?-~]*>; rel="(first|prev|next|last)"(, |$))+$/)
        for (const url of Object.values(linksOf(link))) {
          expect(new URL(url, 'http://host.example/').host).toBe('host.example')
        }
      }),
    )
  })

  it('stays small: of a long query it keeps what a client needs most', async () => {
    const links = await linksAt(`/x?q=${'a'.repeat(1500)}`, { offset: 20 })
    expect(Object.keys(links)).toEqual(['prev', 'next'])
    expect(await linksAt(`/x?q=${'a'.repeat(5000)}`)).toEqual({})
  })

  it('is on the reply of a view', async () => {
    const view = pipeline(
      useArgs({ ...paginationArgs(), even: arg.bool({ default: false }) }, { location: 'query' }),
      ({ args, request }) =>
        paginatedReply(
          request,
          rows.filter(({ id }) => !args.even || id % 2 === 0),
          args,
        ),
    )
    const reply = await view(testContext({ method: 'GET', url: '/x?even=yes&limit=10' }))
    expect(reply).toMatchObject({ data: { totalItems: 23, limit: 10 } })
    expect(linksOf((reply as Reply).headers['link'])).toMatchObject({
      next: '/x?even=yes&offset=10&limit=10',
    })
  })
})

describe('the Link header of a keyset', () => {
  const byId = keyset({ order: ['id'], unique: 'id', key: 'k'.repeat(32) })

  it('leads there and back, to the first and to the last page, and keeps the rest of the query', async () => {
    const view = pipeline(useArgs(byId.cursorArgs({ defaultLimit: 10 }), { location: 'query' }), ({ args, request }) =>
      byId.paginatedReply(request, rows, args),
    )
    const get = async (url: string) => {
      const reply = (await view(testContext({ method: 'GET', url }))) as Awaited<
        ReturnType<typeof byId.paginatedReply<{ id: number }>>
      >
      return { ids: reply.data.items.map(({ id }) => id), links: linksOf(reply.headers['link']), page: reply.data }
    }
    const first = await get('/x?q=1&token=s3cret')
    expect(Object.keys(first.links)).toEqual(['first', 'next', 'last'])
    expect(first.links['first']).toBe('/x?q=1&limit=10')
    expect(JSON.stringify(first)).not.toContain('s3cret')
    const second = await get(first.links['next'] ?? '')
    expect(second.ids).toEqual(rows.slice(10, 20).map(({ id }) => id))
    expect(await get(second.links['prev'] ?? '')).toMatchObject({ ids: first.ids, page: { prev: null } })
    const last = await get(second.links['last'] ?? '')
    expect(last.ids).toEqual(rows.slice(35).map(({ id }) => id))
    expect(Object.keys(last.links)).toEqual(['first', 'prev', 'last'])
    // With another query it is another list; a renewed token and another limit change nothing.
    await expect(get((first.links['next'] ?? '').replace('q=1', 'q=2'))).rejects.toMatchObject({ status: 422 })
    expect((await get(`${first.links['next']}&token=renewed`.replace('limit=10', 'limit=2'))).ids).toEqual([10, 11])
  })
})
