import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import type { JsonSchema } from './arg-field.ts'
import { jsonSchemaOf } from './json-schema-of.ts'
import { allOfFacts, LIST, OTHER, objectFacts, oneOfFacts, type SchemaFacts } from './merge-facts.ts'

/** What the JSON Schema of a schema's input says; undefined when it offers none. */
export function factsOfJson(schema: StandardSchemaV1): SchemaFacts | undefined {
  const json = jsonSchemaOf(schema, 'input')
  return json === undefined ? undefined : read(json, json, 0)
}

/** References may go round in circles; nobody wraps a schema deeper than this. */
const DEEPEST = 16

function read(node: unknown, root: JsonSchema, depth: number): SchemaFacts {
  if (!isRecord(node) || depth > DEEPEST) return OTHER
  const below = (part: unknown) => read(part, root, depth + 1)
  const { $ref, type, properties, additionalProperties, patternProperties } = node
  if (typeof $ref === 'string') return below(resolve($ref, root))
  const branches = node['anyOf'] ?? node['oneOf']
  if (Array.isArray(branches))
    return oneOfFacts(branches.filter((branch) => !isNull(branch) && !isNothing(branch)).map(below))
  if (Array.isArray(node['allOf'])) return allOfFacts(node['allOf'].map(below))
  if (typesOf(type).includes('array')) return typesOf(type).length === 1 ? LIST : OTHER
  if (!typesOf(type).includes('object') && !isRecord(properties)) return OTHER
  const keys = Object.entries(isRecord(properties) ? properties : {})
  return objectFacts(
    new Map(keys.map(([key, part]) => [key, below(part).kind === 'list'])),
    patternProperties !== undefined || (additionalProperties !== undefined && additionalProperties !== false),
  )
}

function typesOf(type: unknown): readonly unknown[] {
  return (Array.isArray(type) ? type : [type]).filter((name) => name !== 'null')
}

function isNull(node: unknown): boolean {
  return isRecord(node) && node['type'] === 'null'
}

/** What nothing fits, as `undefined` in JSON. */
function isNothing(node: unknown): boolean {
  return isRecord(node) && isRecord(node['not']) && Object.keys(node['not']).length === 0
}

/** A reference into the same document (RFC 6901 §6). */
function resolve(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#')) return undefined
  let node: unknown = root
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    node = isRecord(node) ? node[key] : undefined
  }
  return node
}

/** Libraries write names into references with or without percent-encoding. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
