import { isStandardSchema, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { isPlainObject } from './plain-object.ts'

/**
 * The keys that a node of a configuration declares, with the node below each; undefined when it declares none that can be
 * seen. A node is a schema, a plain object of schemas, or a part of a JSON Schema.
 *
 * Standard Schema itself does not tell an object's keys. So we look, without importing any library, at what they offer:
 * `shape` (zod), `entries` (valibot), the JSON Schema extension of Standard Schema (arktype, zod), and what a wrapper
 * such as `optional()` wraps.
 */
export function declaredKeys(node: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isStandardSchema(node)) {
    if (!isPlainObject(node)) return undefined
    return isJsonSchema(node) ? record(node['properties']) : node
  }
  if (!seen.has(node)) seen.set(node, keysOf(node))
  return seen.get(node)
}

/** Schemas do not change, and a JSON Schema costs time to make. */
const seen = new WeakMap<object, Readonly<Record<string, unknown>> | undefined>()

function keysOf(schema: StandardSchemaV1): Readonly<Record<string, unknown>> | undefined {
  const own = schema as unknown as Readonly<Record<string, unknown>>
  const keys = record(own['shape']) ?? record(own['entries']) ?? jsonKeys(schema)
  if (keys !== undefined) return keys
  const wrapped = own['wrapped'] ?? record(own['def'])?.['innerType'] ?? record(own['_def'])?.['innerType']
  return wrapped === undefined ? undefined : declaredKeys(wrapped)
}

/** Marks a part of a JSON Schema, which is a plain object as a shape is. */
const jsonSchema = Symbol('JSON Schema')

function isJsonSchema(node: object): boolean {
  return jsonSchema in node
}

function jsonKeys(schema: { readonly '~standard': object }): Readonly<Record<string, unknown>> | undefined {
  const convert = record((schema['~standard'] as { jsonSchema?: unknown }).jsonSchema)?.['input']
  if (typeof convert !== 'function') return undefined
  let json: unknown
  try {
    json = convert({ target: 'draft-2020-12' })
  } catch {
    return undefined // a part of it has no JSON form, such as a date
  }
  return mark(record(json)?.['properties'])
}

function mark(properties: unknown): Readonly<Record<string, unknown>> | undefined {
  const keys = record(properties)
  if (keys === undefined) return undefined
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => {
      const below = mark(record(value)?.['properties'])
      return [key, { [jsonSchema]: true, ...(below === undefined ? {} : { properties: below }) }]
    }),
  )
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** The node at a path, as far as it can be seen. */
export function nodeAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let node = root
  for (const key of path) {
    const keys = declaredKeys(node)
    if (typeof key !== 'string' || keys === undefined || !Object.hasOwn(keys, key)) return undefined
    node = keys[key]
  }
  return node
}
