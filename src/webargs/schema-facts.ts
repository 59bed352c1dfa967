import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { factsOfJson } from './json-schema-facts.ts'
import type { SchemaFacts } from './merge-facts.ts'
import { factsOfStructure } from './structure-facts.ts'

/**
 * Looks at a schema: at the JSON Schema that it offers (`~standard.jsonSchema`: zod 4.2, arktype 2.1.28 and later, twopi's
 * own), else at its structure (valibot, older zod).
 *
 * @returns undefined when nothing can be seen
 */
export function schemaFacts(schema: StandardSchemaV1): SchemaFacts | undefined {
  if (!known.has(schema)) known.set(schema, factsOfJson(schema) ?? factsOfStructure(schema))
  return known.get(schema)
}

/** Schemas do not change, and a JSON Schema costs time to make. */
const known = new WeakMap<object, SchemaFacts | undefined>()
