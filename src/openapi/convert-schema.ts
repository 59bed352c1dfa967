import type { JsonSchema } from '../http/describe-step.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { toPlain } from './plain.ts'

/** Whether a schema is shown as what goes in or as what comes out of it. */
export type SchemaSide = 'input' | 'output'

/**
 * Makes JSON Schema (draft 2020-12) of a schema whose library does not offer it by `~standard.jsonSchema`. Give the library's
 * own function, or call it: `(schema, side) => toJsonSchema(schema, { typeMode: side })`.
 */
export type SchemaConverter = (schema: never, side: SchemaSide) => object

/** Converters by the library's name in `~standard.vendor`, for instance `valibot`. */
export type SchemaConverters = Readonly<Record<string, SchemaConverter>>

/** What stands where a schema cannot be shown: anything, with a note. */
function unknownSchema(vendor: string): JsonSchema {
  return { description: `Cannot be shown: no JSON Schema could be made of this ${vendor} schema.` }
}

/** The JSON Schema of a schema, as its library gives it; `{}` with a note when there is none. */
export function convertSchema(schema: StandardSchemaV1, side: SchemaSide, converters: SchemaConverters): JsonSchema {
  const standard = schema['~standard'] as StandardSchemaV1.Props & {
    readonly jsonSchema?: Readonly<Partial<Record<SchemaSide, (options: object) => unknown>>>
  }
  const { vendor } = standard
  const { [vendor]: converter } = converters
  return (
    // What has no JSON form, such as a Date, zod then shows as `{}` where it stands.
    attempt(() => standard.jsonSchema?.[side]?.({ target: 'draft-2020-12', libraryOptions: UNREPRESENTABLE })) ??
    attempt(() => converter?.(schema as never, side)) ??
    unknownSchema(vendor)
  )
}

const UNREPRESENTABLE = { unrepresentable: 'any' }

function attempt(convert: () => unknown): JsonSchema | undefined {
  try {
    const json = toPlain(convert())
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonSchema) : undefined
  } catch {
    return undefined
  }
}
