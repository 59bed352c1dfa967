import type { DescribedArgs, DescribedLocation, JsonSchema } from '../http/describe-step.ts'
import { combined } from './object-members.ts'
import type { OpenApiEncoding, OpenApiMediaType, OpenApiRequestBody } from './open-api-document.ts'
import type { SchemaWriter } from './schema-writer.ts'
import { DELIMITER_STYLES, isParameterPlace, type WrittenField, writeFields } from './write-arguments.ts'

const MEDIA_TYPES = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  files: 'multipart/form-data',
} as const

/** What arguments are in the body, by media type; undefined when none are. */
export function writeBody(
  all: readonly DescribedArgs[],
  limit: number | undefined,
  writer: SchemaWriter,
  hint: string,
): OpenApiRequestBody | undefined {
  const hasFiles = all.some((args) => args.in.includes('files'))
  const parts = new Map<string, Part[]>()
  for (const args of all) {
    for (const place of args.in) {
      if (isParameterPlace(place)) continue
      // A form that comes with files is the same multipart form.
      const type = MEDIA_TYPES[hasFiles && place === 'form' ? 'files' : place]
      parts.set(type, [...(parts.get(type) ?? []), writePart(args, place, writer, hint)])
    }
  }
  if (parts.size === 0) return undefined
  const isDemanded = [...parts.values()].flat().some(({ demanded }) => demanded)
  return {
    ...(limit === undefined ? {} : { description: `At most ${limit.toLocaleString('en')} bytes.` }),
    required: isDemanded,
    content: Object.fromEntries([...parts].map(([type, list]) => [type, toMediaType(list)])),
  }
}

/** What one step takes from the body. */
interface Part {
  readonly schema: JsonSchema
  /** Whether it is an object written here, to which members of other parts can be added. */
  readonly own: boolean
  readonly demanded: boolean
  readonly encoding: Readonly<Record<string, OpenApiEncoding>>
}

function writePart(args: DescribedArgs, place: DescribedLocation, writer: SchemaWriter, hint: string): Part {
  const alone = args.in.every((location) => !isParameterPlace(location))
  if (args.fields === undefined) return writeWhole(args, place, alone, writer, hint)
  const fields = [...(writeFields(args, writer, hint, place !== 'json') ?? [])]
  const required = alone ? fields.flatMap(([name, field]) => (field.required ? [name] : [])) : []
  const object = {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, toProperty(field, place)])),
    ...(required.length === 0 ? {} : { required }),
    ...(args.closed === true ? { additionalProperties: false } : {}),
  }
  const many = args.many === true
  return {
    schema: many ? { type: 'array', items: object } : object,
    own: !many,
    demanded: required.length > 0 || many,
    encoding: encodingOf(args, fields),
  }
}

/** What a form says of how its members are sent, beside their schemas. */
function encodingOf(
  args: DescribedArgs,
  fields: readonly (readonly [string, WrittenField])[],
): Readonly<Record<string, OpenApiEncoding>> {
  const encodings = fields.flatMap(([name, { delimiter }]): (readonly [string, OpenApiEncoding])[] => {
    const types = args.fields?.[name]?.contentTypes
    if (types !== undefined && types.length > 0) return [[name, { contentType: types.join(', ') }]]
    return delimiter !== undefined && isCommas(delimiter) ? [[name, { style: 'form', explode: false }]] : []
  })
  return Object.fromEntries(encodings)
}

function writeWhole(
  args: DescribedArgs,
  place: DescribedLocation,
  alone: boolean,
  writer: SchemaWriter,
  hint: string,
): Part {
  const whole = writer.write(args.schema ?? {}, 'input', hint)
  const shown = place === 'files' ? filesOf(whole) : whole
  const resolved = writer.resolve(shown) ?? {}
  const isOpen = resolved['additionalProperties'] === undefined && args.closed === true && shown['$ref'] === undefined
  const schema = isOpen && shown['type'] === 'object' ? { ...shown, additionalProperties: false } : shown
  const { type, required } = resolved
  return {
    schema: args.many === true ? { type: 'array', items: schema } : schema,
    own: false,
    demanded: alone && (args.many === true || type !== 'object' || (Array.isArray(required) && required.length > 0)),
    encoding: {},
  }
}

/** In a multipart form a file is bytes of any kind (OpenAPI 3.1, "Considerations for File Uploads"). */
const FILE: JsonSchema = { type: 'string', contentMediaType: 'application/octet-stream' }

function toProperty({ schema, delimiter }: WrittenField, place: DescribedLocation): JsonSchema {
  if (place === 'files') return toFile(schema)
  if (delimiter === undefined || isCommas(delimiter)) return schema
  return { type: 'string', description: `A list with "${delimiter}" between its items.` }
}

/** A file has no JSON form, so what a schema says of one is at most of which type it is, and how many there may be. */
function toFile(schema: JsonSchema): JsonSchema {
  const { type, description, items, minItems, maxItems, contentMediaType } = schema
  const said = typeof description === 'string' && contentMediaType !== undefined ? { description } : {}
  if (type !== 'array') return { ...FILE, ...(contentMediaType === undefined ? {} : { contentMediaType }), ...said }
  const counts = { ...(minItems === undefined ? {} : { minItems }), ...(maxItems === undefined ? {} : { maxItems }) }
  const item = typeof items === 'object' && items !== null ? (items as JsonSchema) : {}
  return { type, items: toFile(item), ...counts, ...(typeof description === 'string' ? { description } : {}) }
}

function filesOf(schema: JsonSchema): JsonSchema {
  const { properties } = schema
  if (typeof properties !== 'object' || properties === null) return schema
  const entries = Object.entries(properties as Readonly<Record<string, JsonSchema>>)
  return { ...schema, properties: Object.fromEntries(entries.map(([name, property]) => [name, toFile(property)])) }
}

function isCommas(delimiter: string): boolean {
  return DELIMITER_STYLES[delimiter] === 'form'
}

function toMediaType(parts: readonly Part[]): OpenApiMediaType {
  const own = parts.filter((part) => part.own)
  const others = parts.filter((part) => !part.own).map(({ schema }) => schema)
  const schema = combined([...(own.length === 0 ? [] : [merged(own)]), ...others], 'allOf')
  const encoding: Readonly<Record<string, OpenApiEncoding>> = Object.assign({}, ...parts.map((part) => part.encoding))
  return Object.keys(encoding).length === 0 ? { schema } : { schema, encoding }
}

/** Objects of several steps as one: closed only when all are. */
function merged(parts: readonly Part[]): JsonSchema {
  const schemas = parts.map(({ schema }) => schema)
  const required = schemas.flatMap((schema) => (schema['required'] as readonly string[] | undefined) ?? [])
  const closed = schemas.every((schema) => schema['additionalProperties'] === false)
  return {
    type: 'object',
    properties: Object.assign({}, ...schemas.map((schema) => schema['properties'])) as JsonSchema,
    ...(required.length === 0 ? {} : { required }),
    ...(closed ? { additionalProperties: false } : {}),
  }
}
