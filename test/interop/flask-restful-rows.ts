import { Decimal } from 'decimal.js'
import { abort, HttpError, HttpResponse, type RequestContext, reply } from 'twopi/http'
import { Api, Resource } from 'twopi/restful'

/** What came back. */
export interface Answer {
  readonly status: number
  /** The JSON of the body, or its text when it is none; undefined when there is none. */
  readonly body: unknown
}

/** One thing that a resource may return or raise, and what a client gets. */
export interface Row {
  readonly name: string
  readonly answer: () => unknown
  /** What twopi answers. */
  readonly twopi: Answer
  /** What the original answers where that is a defect, or another choice, and why ours differs. */
  readonly original?: Answer & { readonly mended: string }
  /** How the row is asked for; GET of its path unless told. */
  readonly request?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> }
}

class Text extends String {}
class Problem {
  readonly message = 'm'
}
class Custom extends Error {}

const at = (status: number, body?: unknown): Answer => ({ status, body })
const fail = (error: unknown): never => {
  throw error
}

const NOT_FOUND =
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.'
const NOT_ACCEPTABLE =
  'The resource identified by the request is only capable of generating response entities which have content characteristics not acceptable according to the accept headers sent in the request.'

/** What Flask-RESTful with the original's `output_json` answers, and what twopi does. */
export const rows: readonly Row[] = [
  { name: 'string', answer: () => 'hello', twopi: at(200, { message: 'hello' }) },
  { name: 'string-201', answer: () => reply('made', 201), twopi: at(201, { message: 'made' }) },
  { name: 'string-302', answer: () => reply('x', 302), twopi: at(302, { message: 'x' }) },
  { name: 'string-400', answer: () => reply('bad', 400), twopi: at(400, { _errors: ['bad'] }) },
  { name: 'string-500', answer: () => reply('boom', 500), twopi: at(500, { _errors: ['boom'] }) },
  { name: 'string-empty-400', answer: () => reply('', 400), twopi: at(400, { _errors: [''] }) },
  { name: 'string-0', answer: () => reply('x', 0), twopi: at(200, { message: 'x' }) },
  { name: 'object', answer: () => ({ a: 1 }), twopi: at(200, { a: 1 }) },
  { name: 'object-message', answer: () => ({ message: 'm', a: 1 }), twopi: at(200, { message: 'm', a: 1 }) },
  {
    name: 'object-message-400',
    answer: () => reply({ message: 'm', a: 1 }, 400),
    twopi: at(400, { _errors: ['m'], a: 1 }),
    original: { ...at(400, { _errors: ['m'] }), mended: 'the other keys were lost' },
  },
  { name: 'object-code-400', answer: () => reply({ code: 'E1' }, 400), twopi: at(400, { code: 'E1' }) },
  { name: 'list-400', answer: () => reply(['e1', 'e2'], 400), twopi: at(400, ['e1', 'e2']) },
  {
    name: 'object-subclass-400',
    answer: () => reply(new Problem(), 400),
    twopi: at(400, { _errors: ['m'] }),
    original: { ...at(400, { message: 'm' }), mended: 'the exact type was looked at' },
  },
  {
    name: 'string-subclass-400',
    answer: () => reply(new Text('bad'), 400),
    twopi: at(400, { _errors: ['bad'] }),
    original: { ...at(400, 'bad'), mended: 'the exact type was looked at' },
  },
  { name: 'null', answer: () => null, twopi: at(200, null) },
  { name: 'null-204', answer: () => reply(null, 204), twopi: at(204) },
  { name: 'abort-404', answer: () => abort(404), twopi: at(404, { _errors: [NOT_FOUND] }) },
  { name: 'abort-message', answer: () => abort(403, 'nope'), twopi: at(403, { _errors: ['nope'] }) },
  {
    name: 'abort-messages',
    answer: () => abort(400, ['a', 'b']),
    twopi: at(400, { _errors: ['a', 'b'] }),
    original: { ...at(400, { _errors: [['a', 'b']] }), mended: 'a list of messages was nested' },
  },
  {
    name: 'abort-object',
    answer: () => reply({ message: { field: 'bad' } }, 400),
    twopi: at(400, { _errors: [{ field: 'bad' }] }),
  },
  { name: 'abort-others', answer: () => reply({ error: 'x', code: 7 }, 400), twopi: at(400, { error: 'x', code: 7 }) },
  {
    name: 'abort-webargs',
    answer: () => reply({ messages: { name: ['Missing.'] } }, 422),
    twopi: at(422, { messages: { name: ['Missing.'] } }),
  },
  { name: 'http-exception', answer: () => fail(new HttpError(409, 'dup')), twopi: at(409, { _errors: ['dup'] }) },
  { name: 'crash', answer: () => fail(new RangeError('1/0')), twopi: at(500, { _errors: ['Internal Server Error'] }) },
  {
    name: 'errors-option',
    answer: () => fail(new Custom('secret')),
    twopi: at(409, { _errors: ['A conflict.'], extra: 1 }),
    original: { ...at(409, { _errors: ['A conflict.'] }), mended: 'the other keys were lost' },
  },
  { name: 'decimal', answer: () => ({ price: new Decimal('1.25') }), twopi: at(200, { price: '1.25' }) },
  {
    name: 'date',
    answer: () => ({ at: new Date('2020-01-02T03:04:05Z') }),
    twopi: at(200, { at: '2020-01-02T03:04:05.000Z' }),
    original: { ...at(200, { at: 'Thu, 02 Jan 2020 03:04:05 GMT' }), mended: 'dates are ISO texts in JSON' },
  },
  {
    name: 'uuid',
    answer: () => ({ id: '12345678-1234-5678-1234-567812345678' }),
    twopi: at(200, { id: '12345678-1234-5678-1234-567812345678' }),
  },
  // Compared digit for digit: see `readBody`.
  { name: 'big-integer', answer: () => ({ id: 2n ** 60n + 1n }), twopi: at(200, { id: 1152921504606846977n }) },
  {
    name: 'nan',
    answer: () => ({ x: Number.NaN }),
    twopi: at(200, { x: null }),
    original: { ...at(200, '{"x":NaN}\n'), mended: 'NaN is not JSON' },
  },
  {
    name: 'response',
    answer: () => new HttpResponse(207, { 'content-type': 'text/plain; charset=utf-8', 'x-raw': 'yes' }, 'raw'),
    twopi: at(207, 'raw'),
  },
  {
    name: 'unknown-route',
    answer: () => fail(new Error('unreachable')),
    twopi: at(404, { _errors: [NOT_FOUND] }),
    original: {
      ...at(
        404,
        `<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>${NOT_FOUND}</p>\n`,
      ),
      mended: 'unknown routes were answered in HTML',
    },
  },
  {
    name: 'wrong-method',
    answer: () => 'unreachable',
    request: { method: 'POST' },
    twopi: at(405, { _errors: ['The method is not allowed for the requested URL.'] }),
  },
  {
    name: 'xml-only',
    answer: () => ({ a: 1 }),
    request: { headers: { accept: 'application/xml' } },
    twopi: at(406, { _errors: [NOT_ACCEPTABLE], available: ['application/json'] }),
    original: { ...at(200, { a: 1 }), mended: 'a client that cannot read JSON was sent JSON' },
  },
  { name: 'headers', answer: () => reply({ a: 1 }, 200, { 'x-total': '3' }), twopi: at(200, { a: 1 }) },
]

/** All rows but the unknown route, as an Api whose paths are those of the Flask application. */
export function createRowsApi(): Api {
  const api = new Api({
    prefix: '/rows',
    errors: (error) =>
      error instanceof Custom ? new HttpError(409, 'A conflict.', { details: { extra: 1 } }) : undefined,
    onError: () => {},
  })
  for (const { name, answer } of rows) {
    if (name === 'unknown-route') continue
    class RowResource extends Resource {
      get(_context: RequestContext) {
        return answer()
      }
    }
    api.addResource(RowResource, `/${name}`)
  }
  return api
}
