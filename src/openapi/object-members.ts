import type { JsonSchema } from '../http/describe-step.ts'
import type { SchemaWriter } from './schema-writer.ts'

/** The members that an object may have. */
export interface ObjectMembers {
  readonly properties: ReadonlyMap<string, JsonSchema>
  readonly required: ReadonlySet<string>
}

/** Schemas may refer to each other in circles; nobody wraps one deeper than this. */
const DEEPEST = 16

/** The members of an object by its schema, those of all its alternatives; undefined when it does not name any. */
export function objectMembers(schema: JsonSchema, writer: SchemaWriter, depth: number = 0): ObjectMembers | undefined {
  const resolved = depth > DEEPEST ? undefined : writer.resolve(schema)
  if (resolved === undefined) return undefined
  const below = (parts: unknown) =>
    (Array.isArray(parts) ? parts : []).flatMap((part: JsonSchema) => objectMembers(part, writer, depth + 1) ?? [])
  const { properties, required } = resolved
  const own: ObjectMembers = {
    properties: new Map(Object.entries((properties ?? {}) as Readonly<Record<string, JsonSchema>>)),
    required: new Set(Array.isArray(required) ? (required as readonly string[]) : []),
  }
  const parts = [own, ...below(resolved['allOf'])]
  const alternatives = below(resolved['anyOf'] ?? resolved['oneOf'])
  const members = both([...parts, ...(alternatives.length === 0 ? [] : [either(alternatives)])])
  return members.properties.size === 0 ? undefined : members
}

function both(parts: readonly ObjectMembers[]): ObjectMembers {
  return { properties: propertiesOf(parts, 'allOf'), required: new Set(parts.flatMap(({ required }) => [...required])) }
}

/** Only what all alternatives demand is demanded. */
function either(parts: readonly ObjectMembers[]): ObjectMembers {
  const [first, ...others] = parts.map(({ required }) => required)
  const required = [...(first ?? [])].filter((name) => others.every((names) => names.has(name)))
  return { properties: propertiesOf(parts, 'anyOf'), required: new Set(required) }
}

function propertiesOf(parts: readonly ObjectMembers[], together: 'allOf' | 'anyOf'): ReadonlyMap<string, JsonSchema> {
  const found = new Map<string, JsonSchema[]>()
  for (const { properties } of parts) {
    for (const [name, schema] of properties) found.set(name, [...(found.get(name) ?? []), schema])
  }
  return new Map([...found].map(([name, schemas]) => [name, combined(schemas, together)]))
}

/** One schema of several; those that are the same count once. */
export function combined(schemas: readonly JsonSchema[], together: 'allOf' | 'anyOf'): JsonSchema {
  const different = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
  const [only] = different
  return different.length === 1 && only !== undefined ? only : { [together]: different }
}
