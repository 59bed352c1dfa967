import type { DescribedReply, JsonSchema, StepDescription } from '../http/describe-step.ts'
import { combined } from './object-members.ts'
import type { OpenApiMediaType, OpenApiReference, OpenApiResponse } from './open-api-document.ts'
import type { Registry } from './registry.ts'
import type { SchemaWriter } from './schema-writer.ts'

const JSON_TYPE = 'application/json'
const PROBLEM_TYPE = 'application/problem+json'

/** The envelope of errors. */
const ERRORS: JsonSchema = {
  $id: 'Errors',
  type: 'object',
  properties: {
    _errors: { type: 'array', items: { type: 'string' }, description: 'What went wrong, for people.' },
    code: { type: 'string', description: 'Which error it is, for programs.' },
  },
  required: ['_errors'],
}

/** The same as problem details (RFC 9457). */
const PROBLEM: JsonSchema = {
  $id: 'Problem',
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: { type: 'array' },
    code: { type: 'string' },
  },
  required: ['type', 'title', 'status'],
}

/** Where replies are written to. */
export interface ReplyTarget {
  readonly writer: SchemaWriter
  readonly responses: Registry<OpenApiResponse>
  /** The media types that the endpoint answers in. */
  readonly types: readonly string[]
  readonly hint: string
}

type Responses = Readonly<Record<string, OpenApiResponse | OpenApiReference>>

/** All replies of an operation by status, the lowest first, and last any other error. */
export function writeReplies(said: readonly StepDescription[], target: ReplyTarget): Responses {
  const byStatus = new Map<number, DescribedReply[]>()
  for (const reply of said.flatMap(({ replies }) => replies ?? [])) {
    const { status } = reply
    const others = byStatus.get(status)
    // There may be many reasons for an error, but one success: the outermost declares it.
    if (others === undefined) byStatus.set(status, [reply])
    else if (status >= 400) others.push(reply)
  }
  const limited = said.some(({ bodyLimit }) => bodyLimit !== undefined)
  if (limited && !byStatus.has(413)) byStatus.set(413, [TOO_LARGE])
  if (![...byStatus.keys()].some((status) => status < 400))
    byStatus.set(200, [{ status: 200, description: 'Success.' }])
  const written = [...byStatus].sort(([a], [b]) => a - b)
  return {
    ...Object.fromEntries(written.map(([status, replies]) => [String(status), writeReply(replies, target)])),
    default: writeReply([OTHER], target),
  }
}

const TOO_LARGE: DescribedReply = { status: 413, name: 'BodyTooLarge', description: 'The body has too many bytes.' }
const OTHER: DescribedReply = { status: 500, name: 'AnyError', description: 'Any other error.' }

function writeReply(replies: readonly DescribedReply[], target: ReplyTarget): OpenApiResponse | OpenApiReference {
  const different = [...new Map(replies.map((reply) => [reply.name ?? reply.description, reply])).values()]
  const response = toResponse(different, target)
  const [{ name } = {}] = different
  if (different.length > 1 || name === undefined) return response
  return { $ref: `#/components/responses/${target.responses.add(name, response)}` }
}

function toResponse(replies: readonly DescribedReply[], target: ReplyTarget): OpenApiResponse {
  const schemas = new Map<string, JsonSchema[]>()
  for (const reply of replies) {
    for (const [type, schema] of contentOf(reply, target)) schemas.set(type, [...(schemas.get(type) ?? []), schema])
  }
  const content = [...schemas].map(([type, list]): [string, OpenApiMediaType] => [
    type,
    { schema: combined(list, 'anyOf') },
  ])
  const headers = Object.entries(Object.assign({}, ...replies.map((reply) => reply.headers)) as Record<string, string>)
  const described = headers.map(([name, description]) => [name, { description, schema: { type: 'string' } }] as const)
  return {
    description: replies.map(({ description }) => description).join(' '),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(described) }),
    ...(content.length === 0 ? {} : { content: Object.fromEntries(content) }),
  }
}

function contentOf(reply: DescribedReply, target: ReplyTarget): readonly (readonly [string, JsonSchema])[] {
  const { status, schema, contentType } = reply
  const { writer, types, hint } = target
  if (status < 400) {
    if (schema === undefined) return []
    const shown = writer.write(schema, 'output', `${hint}${status}`)
    // Problem details are for errors; what is no error is plain JSON there.
    const all = contentType === undefined ? types.filter((type) => type !== PROBLEM_TYPE) : [contentType]
    return (all.length === 0 ? [JSON_TYPE] : all).map((type) => [type, shown] as const)
  }
  const envelope = types.flatMap((type) => {
    if (type === PROBLEM_TYPE) return [[type, writer.write(PROBLEM, 'output', hint)] as const]
    return [[type, type === JSON_TYPE ? writer.write(ERRORS, 'output', hint) : {}] as const]
  })
  if (schema === undefined) return envelope
  const own = contentType ?? JSON_TYPE
  return [
    [own, writer.write(schema, 'output', `${hint}${status}`)] as const,
    ...envelope.filter(([type]) => type === PROBLEM_TYPE && type !== own),
  ]
}
