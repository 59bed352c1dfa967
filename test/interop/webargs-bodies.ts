import { FORM, json, type Sample } from './webargs-sample.ts'

const OK = '{"a": 1, "b": "é"}'
const bytes = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding))

/** Whole bodies: what is no JSON, other content types, character sets, lists of items, and what is wrong with all of it. */
export function bodyRequests(): readonly Sample[] {
  const raw = [
    '',
    ' ',
    '{',
    '}',
    '{"a": 1',
    '{"a": 1,}',
    "{'a': 1}",
    '{a: 1}',
    '[1',
    '"x',
    'x',
    'tru',
    '01',
    '+1',
    '1.',
    '.5',
    '-',
    '// x\n{}',
    '{} {}',
    '{"a": 1}x',
    '{"a" 1}',
    '{"a": "\n"}',
    '{"a": "\\x"}',
    '{"a": "\\u12"}',
    'NaN',
    '{"a": NaN, "b": "x"}',
    'null',
    'true',
    '0',
    '5',
    '"x"',
    '[]',
    '[1]',
    '[{"a": 1, "b": "x"}]',
    '{}',
    ' {"a": 1, "b": "x"}\n',
    '\ufeff{"a": 1, "b": "x"}',
    '{"a": 1, "b": "x", "a": 2}',
    '{"a": 1, "a": "x", "b": "x"}',
    '{"\\u0061": 1, "b": "\\u00e9"}',
    '{"a": 1, "b": "a/\\/b"}',
    OK,
  ]
  const types = [
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/problem+json; v=1',
    'text/x+json',
    'application/json-patch+json',
    'text/plain',
    'text/json',
    'application/javascript',
    'application/x-json',
    'application/xml',
    'json',
    '+json',
    'application/+json',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; charset=nonsense',
    'application/jsonx',
    ' application/json ',
    'multipart/form-data',
    FORM,
    '',
  ]
  const items = [
    '[]',
    '[{"a": 1}]',
    '[{"a": 1}, {"a": 2, "b": "x"}]',
    '[{"a": 1}, {}]',
    '[{"a": "x"}, {"a": 1}, {"b": 5}]',
    '[1]',
    '[{"a": 1}, null]',
    '[[]]',
    '{}',
    '{"a": 1}',
    'null',
    '"x"',
    '5',
    '[{"a": 1, "c": 1}]',
    '',
    '[',
  ]
  const either = ['{"a": 1, "b": "x"}', '{"a": "x"}', '{', '5', '']
  return [
    ...raw.map((body) => ({ title: `json ${JSON.stringify(body)}`, ...json('/json/pair', body), ...rawDiffers(body) })),
    ...raw
      .filter((body) => !body.startsWith('{'))
      .map((body) => ({
        title: `json, optional, ${JSON.stringify(body)}`,
        ...json('/json/unknown-exclude', body),
        ...rawDiffers(body),
      })),
    ...types.map((type) => ({
      title: `json as ${JSON.stringify(type)}`,
      ...json('/json/pair', OK, type),
      ...typeDiffers(type),
    })),
    { title: 'json without a content type', differs: 'content-type', path: '/json/pair', method: 'POST', body: OK },
    { title: 'no body by GET', path: '/json/pair' },
    { title: 'no body by POST', path: '/json/pair', method: 'POST' },
    { title: 'a body by GET', differs: 'get-body', only: ['hono', 'fetch'], ...json('/json/pair', OK), method: 'GET' },
    { title: 'no body, text', ...json('/json/pair', '', 'text/plain') },
    { title: 'json in latin1', ...json('/json/pair', bytes(OK, 'latin1')) },
    { title: 'json in utf-16', ...json('/json/pair', bytes(OK, 'utf16le')) },
    {
      title: 'json in utf-16, said',
      differs: 'charset',
      ...json('/json/pair', bytes(OK, 'utf16le'), 'application/json; charset=utf-16le'),
    },
    { title: 'json of bytes', ...json('/json/pair', new Uint8Array([0xff, 0xfe, 0x00])) },
    {
      title: 'json in pieces',
      path: '/json/pair',
      method: 'POST',
      headers: [['content-type', 'application/json']],
      body: OK,
    },
    {
      title: 'json compressed',
      differs: 'content-encoding',
      path: '/json/pair',
      method: 'POST',
      headers: [
        ['content-type', 'application/json'],
        ['content-encoding', 'gzip'],
      ],
      body: OK,
    },
    { title: 'json nested 40 deep', ...json('/json/pair', `{"a": 1, "b": ${'['.repeat(39)}${']'.repeat(39)}}`) },
    {
      title: 'json nested 65 deep',
      differs: 'limits',
      ...json('/json/pair', `{"a": 1, "b": ${'['.repeat(65)}${']'.repeat(65)}}`),
    },
    {
      title: 'json of 10001 values',
      differs: 'limits',
      ...json('/json/list-int', `{"v": [${new Array(10_001).fill(1).join()}]}`),
    },
    { title: 'json of 900 values', ...json('/json/list-int', `{"v": [${new Array(900).fill(1).join()}]}`) },
    {
      title: 'query of 1001 fields',
      differs: 'limits',
      path: `/query/list-int?${new Array(1001).fill('v=1').join('&')}`,
    },
    { title: 'query of 900 fields', path: `/query/list-int?${new Array(900).fill('v=1').join('&')}` },
    ...items.map((body) => ({ title: `many ${body}`, ...json('/many', body) })),
    { title: 'many as text', differs: 'content-type', ...json('/many', '[]', 'text/plain') },
    { title: 'many, no body', path: '/many', method: 'POST' },
    { title: 'whole', ...json('/whole', '{"a": 1}') },
    { title: 'whole, unlucky', ...json('/whole', '{"a": 13}') },
    { title: 'whole, unknown', ...json('/whole', '{"a": 1, "b": 1}') },
    { title: 'whole, no object', ...json('/whole', '[]') },
    { title: 'whole, nothing', ...json('/whole', '{}') },
    { title: 'status 400', ...json('/status-400', '{"a": "x"}') },
    { title: 'status 400, malformed', ...json('/status-400', '{') },
    { title: 'status 400, fine', ...json('/status-400', '{"a": 1}') },
    ...either.map((body) => ({ title: `json_or_form ${JSON.stringify(body)}`, ...json('/json_or_form/pair', body) })),
    { title: 'json_or_form, form', ...json('/json_or_form/pair', 'a=1&b=x', FORM) },
    { title: 'json_or_form, form, wrong', ...json('/json_or_form/pair', 'a=x&c=1', FORM) },
    { title: 'json_or_form, form, empty', ...json('/json_or_form/pair', '', FORM) },
    { title: 'json_or_form, text', differs: 'content-type', ...json('/json_or_form/pair', 'a=1&b=x', 'text/plain') },
    { title: 'json_or_form, nothing', path: '/json_or_form/pair' },
    { title: 'form as json', differs: 'content-type', ...json('/form/pair', '{"a": 1, "b": "x"}') },
    { title: 'form as text', differs: 'content-type', ...json('/form/pair', 'a=1&b=x', 'text/plain') },
    { title: 'form, nothing', path: '/form/pair', method: 'POST' },
    { title: 'form, empty', ...json('/form/pair', '', FORM) },
    { title: 'form, with a character set', ...json('/form/pair', 'a=1&b=%C3%A9', `${FORM}; charset=utf-8`) },
    { title: 'form that is not UTF-8', ...json('/form/pair', 'a=1&b=%E9', FORM) },
    { title: 'form of raw bytes', differs: 'form-bytes', ...json('/form/pair', bytes('a=1&b=é', 'latin1'), FORM) },
    { title: 'form, raw UTF-8', ...json('/form/pair', 'a=1&b=é漢', FORM) },
    {
      title: 'form in parts',
      ...json('/form/pair', multipart({ a: '1', b: 'x' }), 'multipart/form-data; boundary=edge'),
    },
    {
      title: 'form in parts, unknown',
      ...json('/form/pair', multipart({ a: '1', c: 'é' }), 'multipart/form-data; boundary=edge'),
    },
    {
      title: 'form in parts, cut off',
      differs: 'multipart',
      ...json('/form/pair', multipart({ a: '1', b: 'x' }).slice(0, -20), 'multipart/form-data; boundary=edge'),
    },
    {
      title: 'form in parts, no boundary',
      differs: 'multipart',
      ...json('/form/pair', multipart({ a: '1', b: 'x' }), 'multipart/form-data'),
    },
  ]
}

function rawDiffers(body: string): Pick<Sample, 'differs'> {
  const row =
    body === ' '
      ? 'blank-body'
      : body.startsWith('\ufeff')
        ? 'byte-order-mark'
        : body.includes('NaN')
          ? 'nan'
          : undefined
  return row === undefined ? {} : { differs: row }
}

function typeDiffers(type: string): Pick<Sample, 'differs' | 'ownWords'> {
  if (/charset=(?!utf-8)/i.test(type)) return { differs: 'charset' }
  if (/^ ?application\/(?:.*\+)?json(?:[ ;]|$)/i.test(type)) return {}
  if (/.\/.*\+json$/.test(type)) return { differs: 'json-types' }
  // Fastify looks at the type itself and refuses what is none.
  return { differs: 'content-type', ...(['', 'json', '+json'].includes(type) ? { ownWords: 'fastify' } : {}) }
}

function multipart(fields: Readonly<Record<string, string>>): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--edge\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return `${parts.join('')}--edge--\r\n`
}
