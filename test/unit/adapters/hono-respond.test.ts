import { Hono } from 'hono'
import { view } from 'twopi/hono'
import { reply } from 'twopi/http'
import { describe, expect, test } from 'vitest'

describe('a response on Hono', () => {
  test('keeps the headers and cookies that were set on the context before', async () => {
    const app = new Hono()
    app.use((c, next) => {
      c.header('x-before', 'kept')
      c.header('x-both', 'before')
      c.header('set-cookie', 'a=1')
      return next()
    })
    app.get(
      '/list',
      view(() => reply({}, 201, { 'set-cookie': ['b=2', 'c=3'], 'x-both': 'after', 'x-n': 5 })),
    )
    app.get(
      '/one',
      view(() => reply(undefined, 202, { 'Set-Cookie': 'b=2' })),
    )

    const list = await app.request('/list')
    expect(list.status).toBe(201)
    expect(list.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3'])
    expect(Object.fromEntries(list.headers)).toMatchObject({ 'x-before': 'kept', 'x-both': 'after', 'x-n': '5' })

    const one = await app.request('/one')
    expect(one.status).toBe(202)
    expect(one.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(one.headers.get('x-before')).toBe('kept')
  })
})
