import type { DescribedArgs, DescribedField, DescribedLocation, JsonSchema } from '../http/describe-step.ts'
import { objectMembers } from './object-members.ts'
import type { OpenApiParameter } from './open-api-document.ts'
import type { SchemaWriter } from './schema-writer.ts'

const PARAMETER_PLACES = { path: 'path', query: 'query', headers: 'header', cookies: 'cookie' } as const
type ParameterPlace = keyof typeof PARAMETER_PLACES

/** Headers that are described by other means (OpenAPI 3.1, "Parameter Object"). */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization'])

/** Tells whether a location is not in the body. */
export function isParameterPlace(location: DescribedLocation): location is ParameterPlace {
  return location in PARAMETER_PLACES
}

/** An argument as JSON Schema, and how it is sent when it is a list in one text. */
export interface WrittenField {
  readonly schema: JsonSchema
  readonly required: boolean
  readonly delimiter?: string | undefined
}

/**
 * The arguments that are declared, by name.
 *
 * @param asText - whether they are sent as texts, in which lists may be taken apart
 * @returns undefined when one schema is for all of them, and does not name any
 */
export function writeFields(
  args: DescribedArgs,
  writer: SchemaWriter,
  hint: string,
  asText: boolean,
): ReadonlyMap<string, WrittenField> | undefined {
  if (args.fields !== undefined) {
    const entries = Object.entries(args.fields)
    return new Map(entries.map(([name, field]) => [name, writeField(field, writer, hint, asText)]))
  }
  const members = objectMembers(writer.write(args.schema ?? {}, 'input', hint), writer)
  if (members === undefined) return undefined
  return new Map(
    [...members.properties].map(([name, schema]) => [name, { schema, required: members.required.has(name) }]),
  )
}

function writeField(field: DescribedField, writer: SchemaWriter, hint: string, asText: boolean): WrittenField {
  const { schema, required, delimited } = field
  const whole = writer.write(schema, 'input', hint)
  if (!asText || delimited === undefined) return { schema: whole, required }
  const { description, default: fallback } = whole
  const list = { type: 'array', items: writer.write(delimited.items, 'input', hint) }
  const said = typeof description === 'string' && description !== schemaNote(delimited.delimiter) ? { description } : {}
  return {
    schema: { ...list, ...said, ...(fallback === undefined ? {} : { default: fallback }) },
    required,
    delimiter: delimited.delimiter,
  }
}

/** What `arg.delimited` says of itself where it is a text; the style says it better. */
function schemaNote(delimiter: string): string {
  return `A list with "${delimiter}" between its items.`
}

/** The styles of lists in one text; others have none, and are shown as texts. */
export const DELIMITER_STYLES: Readonly<Record<string, string>> = {
  ',': 'form',
  ' ': 'spaceDelimited',
  '|': 'pipeDelimited',
}

/**
 * The parameters that arguments are, those of the path first.
 *
 * @param names - of the path's parameters: each is there, declared or not
 * @param missing - gets the names of arguments that are demanded of the path and that it has not
 */
export function writeParameters(
  all: readonly DescribedArgs[],
  names: readonly string[],
  writer: SchemaWriter,
  hint: string,
  missing: Set<string>,
): readonly OpenApiParameter[] {
  const found = new Map<string, OpenApiParameter>()
  for (const args of all) {
    for (const place of args.in.filter(isParameterPlace)) {
      for (const parameter of inPlace(place, args, writer, hint)) {
        if (isDemandedOfPath(parameter, args) && !names.includes(parameter.name)) missing.add(parameter.name)
        const key = `${parameter.in} ${parameter.name}`
        if (!found.has(key)) found.set(key, parameter)
      }
    }
  }
  const inPath = names.map((name): OpenApiParameter => {
    const declared = found.get(`path ${name}`)
    // One that need not be there is there all the same at a path that has it.
    return declared === undefined
      ? { name, in: 'path', required: true, schema: { type: 'string' } }
      : { ...declared, required: true }
  })
  return [...inPath, ...[...found.values()].filter((parameter) => parameter.in !== 'path')]
}

/** A view at several paths may find an argument in some of them only, or elsewhere. */
function isDemandedOfPath(parameter: OpenApiParameter, args: DescribedArgs): boolean {
  return parameter.in === 'path' && parameter.required === true && args.in.length === 1
}

function inPlace(
  place: ParameterPlace,
  args: DescribedArgs,
  writer: SchemaWriter,
  hint: string,
): readonly OpenApiParameter[] {
  const where = PARAMETER_PLACES[place]
  const fields = writeFields(args, writer, hint, true)
  if (fields === undefined) {
    // Each member of the object is a parameter of its own, whatever its name.
    if (where !== 'query' && where !== 'cookie') return []
    const schema = writer.write(args.schema ?? {}, 'input', hint)
    return [{ name: 'args', in: where, style: 'form', explode: true, schema }]
  }
  return [...fields].flatMap(([name, field]) => {
    if (where === 'header' && NO_PARAMETERS.has(name.toLowerCase())) return []
    const parameter = { ...toParameter(name, where, field), ...elsewhere(args, field, where) }
    return [where === 'path' ? { ...parameter, required: field.required } : parameter]
  })
}

function toParameter(name: string, where: OpenApiParameter['in'], field: WrittenField): OpenApiParameter {
  const { schema, required, delimiter } = field
  const { description, ...rest } = schema
  const said = typeof description === 'string' && schema['$ref'] === undefined ? { description } : {}
  const parameter = { name, in: where, ...said, ...(required || where === 'path' ? { required: true } : {}) }
  if (delimiter !== undefined) {
    const style = DELIMITER_STYLES[delimiter]
    const takes = where === 'query' || (where === 'cookie' && style === 'form')
    if (style !== undefined && takes) return { ...parameter, style, explode: false, schema: rest }
    // The other places write lists with commas by themselves.
    if (style === 'form') return { ...parameter, style: 'simple', explode: false, schema: rest }
    return { ...parameter, schema: { type: 'string', description: schemaNote(delimiter) } }
  }
  if (where === 'query' && rest['type'] === 'array') return { ...parameter, style: 'form', explode: true, schema: rest }
  return { ...parameter, schema: 'description' in said ? rest : schema }
}

/** What may come in several places is demanded in none of them. */
function elsewhere(
  { in: places }: DescribedArgs,
  { required, schema }: WrittenField,
  where: OpenApiParameter['in'],
): { readonly required?: boolean; readonly description?: string } {
  if (places.length === 1) return {}
  const said = typeof schema['description'] === 'string' ? `${schema['description']} ` : ''
  const description = `${said}${required ? 'Required. ' : ''}Taken from the first of these that has it: ${places.join(', ')}.`
  return { required: where === 'path', description }
}
