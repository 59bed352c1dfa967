import { HttpResponse } from 'twopi/http'
import { describe, expect, it } from 'vitest'
import { createRowsApi, rows } from '../../interop/flask-restful-rows.ts'
import { TestRequest } from '../../support/test-request.ts'
import { readBody } from './read-body.ts'

describe('what the original answers, its defects mended', () => {
  const api = createRowsApi()

  it.each(rows)('holds for $name', async ({ name, twopi, request }) => {
    const outcome = await api.view({ request: new TestRequest({ method: 'GET', ...request, url: `/rows/${name}` }) })
    if (!(outcome instanceof HttpResponse)) throw new TypeError('no HttpResponse')
    const { status, headers, body } = outcome
    expect({ status, body: readBody(body === null ? '' : String(body)) }).toEqual(twopi)
    if (body !== null && name !== 'response') expect(headers['content-type']).toBe('application/json')
    if (name === 'wrong-method') expect(headers['allow']).toBe('GET, HEAD, OPTIONS')
    if (name === 'headers') expect(headers['x-total']).toBe('3')
  })
})
