import { view } from 'twopi/fetch'
import { type HttpResponse, handleErrors, pipeline } from 'twopi/http'
import { Api, problemJson, Resource } from 'twopi/restful'
import {
  type ArgIssue,
  arg,
  type ErrorLayout,
  handleValidationError,
  inLocations,
  useArgs,
  ValidationError,
} from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest } from '../../support/test-request.ts'
import { refusalOf, shown } from './refusal.ts'

const issues: readonly ArgIssue[] = [
  { location: 'query', path: ['page'], code: 'too_small', message: 'Too small.' },
  { location: 'json', path: ['page'], code: 'custom', message: 'Odd.' },
  { location: 'json', path: ['tags', 1], code: 'invalid_type', message: 'No text.' },
  { location: 'json', path: ['tags', 1], code: 'custom', message: 'And ugly.' },
  { location: 'json', path: ['room'], code: 'custom', message: 'Too full.', whole: true },
  { location: 'json', path: ['room', 'floor'], code: 'missing', message: 'Missing.' },
  { location: 'json', path: [], code: 'custom', message: 'Unlucky.', whole: true },
]

const layouts: Readonly<Record<ErrorLayout, unknown>> = {
  location: {
    query: { page: ['Too small.'] },
    json: {
      page: ['Odd.'],
      tags: { 1: ['No text.', 'And ugly.'] },
      room: { _schema: ['Too full.'], floor: ['Missing.'] },
      _schema: ['Unlucky.'],
    },
  },
  flat: {
    page: ['Too small.', 'Odd.'],
    tags: { 1: ['No text.', 'And ugly.'] },
    room: { _schema: ['Too full.'], floor: ['Missing.'] },
    _schema: ['Unlucky.'],
  },
  problem: {
    type: 'about:blank',
    title: 'Unprocessable Content',
    status: 422,
    errors: [
      { detail: 'Too small.', pointer: '#/page', in: 'query', code: 'too_small' },
      { detail: 'Odd.', pointer: '#/page', in: 'json', code: 'custom' },
      { detail: 'No text.', pointer: '#/tags/1', in: 'json', code: 'invalid_type' },
      { detail: 'And ugly.', pointer: '#/tags/1', in: 'json', code: 'custom' },
      { detail: 'Too full.', pointer: '#/room', in: 'json', code: 'custom' },
      { detail: 'Missing.', pointer: '#/room/floor', in: 'json', code: 'missing' },
      { detail: 'Unlucky.', pointer: '#', in: 'json', code: 'custom' },
    ],
  },
}

describe('the layouts', () => {
  it.each(Object.entries(layouts))('show the same issues: %s', (layout, body) => {
    expect(shown(new ValidationError(issues, { layout: layout as ErrorLayout }))).toEqual(body)
  })

  it('keep a list of messages and those below it apart', () => {
    const error = new ValidationError([
      { location: 'json', path: ['tags'], code: 'too_small', message: 'Too few.' },
      { location: 'json', path: ['tags', 0], code: 'invalid_type', message: 'No text.' },
    ])
    expect(shown(error)).toEqual({ json: { tags: { _schema: ['Too few.'], 0: ['No text.'] } } })
  })

  it('show names that mean something to JavaScript like any other', () => {
    const paths = [['__proto__'], ['constructor'], ['__proto__', 'x'], ['toString']]
    const named = paths.map((path) => ({ location: 'json', path, code: 'unknown', message: 'No.' }) as const)
    expect(JSON.stringify(new ValidationError(named).messagesDict)).toBe(
      '{"json":{"__proto__":{"x":["No."],"_schema":["No."]},"constructor":["No."],"toString":["No."]}}',
    )
    expect({}).not.toHaveProperty('x')
  })

  it('write pointers as RFC 6901 has them in URIs', () => {
    const path = ['a/b', 'c~d', 'ä b%', '\uD800', 0]
    const error = new ValidationError([{ location: 'json', path, code: 'custom', message: 'No.' }], {
      layout: 'problem',
    })
    expect(shown(error)).toMatchObject({ errors: [{ pointer: '#/a~1b/c~0d/%C3%A4%20b%25/%EF%BF%BD/0' }] })
  })
})

describe('a ValidationError', () => {
  it('speaks in sentences to logs, by location to programs, and is an HttpError', async () => {
    const { error } = await refusalOf({ n: arg.int() }, { json: { n: 'x' } }, { layout: 'flat' })
    expect(error).toMatchObject({
      name: 'ValidationError',
      message: 'json.n: Not a valid integer.',
      messages: ['json.n: Not a valid integer.'],
      messagesDict: { json: { n: ['Not a valid integer.'] } },
      status: 422,
      statusCode: 422,
      code: 'ERR_ARGS_INVALID',
      layout: 'flat',
      issues: [{ location: 'json', path: ['n'], code: 'invalid_type', message: 'Not a valid integer.' }],
    })
  })

  it('has the error of the body as its cause', async () => {
    const { error } = await refusalOf({ n: arg.int() }, { body: '{', headers: { 'content-type': 'application/json' } })
    expect(error.cause).toMatchObject({ code: 'ERR_BODY_MALFORMED' })
  })

  it('needs an issue', () => {
    expect(() => new ValidationError([])).toThrow(TypeError)
  })
})

describe('the reply', () => {
  const steps = () => [useArgs({ message: arg.string(), n: arg.int() }), () => 'fine'] as const
  const json = { message: 5, n: 'x' }
  const body = { json: { message: ['Not a valid string.'], n: ['Not a valid integer.'] } }
  const init = { method: 'POST', body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }

  class Classes extends Resource {
    post = pipeline(...steps())
  }

  async function fromResource(accept?: string) {
    const api = new Api().addResource(Classes, '/').addResource(Classes, '/again')
    api.representations.set('application/problem+json', problemJson)
    const headers = { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) }
    return (await api.view({ request: new TestRequest({ url: '/', body: init.body, headers }) })) as HttpResponse
  }

  it('is the same from a view and from a resource, in development and in production', async () => {
    const environment = process.env['NODE_ENV']
    try {
      for (const mode of ['development', 'production']) {
        process.env['NODE_ENV'] = mode
        const response = await view(...steps())(new Request('http://localhost/', init))
        expect([response.status, response.headers.get('content-type')]).toEqual([422, 'application/json'])
        expect(await response.json()).toEqual(body)
        const resource = await fromResource()
        expect([resource.status, JSON.parse(String(resource.body))]).toEqual([422, body])
      }
    } finally {
      if (environment === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = environment
    }
  })

  it('is the same from a pipeline of its own, and from a handler of the application', async () => {
    const request = new TestRequest({ json })
    const answered = (await pipeline(handleErrors(), ...steps())({ request })) as HttpResponse
    expect(JSON.parse(String(answered.body))).toEqual(body)
    const { error } = await refusalOf({ message: arg.string(), n: arg.int() }, { json })
    expect(handleValidationError(error)).toMatchObject({ status: 422, body: answered.body })
  })

  it('never takes a field named message for an error message', async () => {
    const { error } = await refusalOf({ message: arg.string() }, { json: {} }, { layout: 'flat' })
    expect(handleValidationError(error).body).toBe('{"message":["Missing data for required field."]}')
  })

  it('has the media type of problem details in their layout', async () => {
    const shape = inLocations({ query: { n: arg.int() } })
    const response = await view(useArgs(shape, { layout: 'problem' }), () => 1)(new Request('http://localhost/?n=x'))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/n', in: 'query', code: 'invalid_type' }] })
  })

  it('is a problem to a client of a resource that asks for problems', async () => {
    const resource = await fromResource('application/problem+json')
    expect(resource.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(String(resource.body))).toMatchObject({
      title: 'Unprocessable Content',
      status: 422,
      errors: [
        { detail: 'Not a valid string.', pointer: '#/message', in: 'json', code: 'invalid_type' },
        { detail: 'Not a valid integer.', pointer: '#/n', in: 'json', code: 'invalid_type' },
      ],
    })
  })

  it('shows a view what it throws itself, in the same way', async () => {
    const taken = () => {
      throw new ValidationError([{ location: 'json', path: ['name'], code: 'custom', message: 'This name is taken.' }])
    }
    const response = await view(
      useArgs({ name: z.string() }),
      taken,
    )(new Request('http://localhost/', { ...init, body: '{"name":"x"}' }))
    expect([response.status, await response.json()]).toEqual([422, { json: { name: ['This name is taken.'] } }])
  })
})
