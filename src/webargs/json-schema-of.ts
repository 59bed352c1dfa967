import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import type { JsonSchema } from './arg-field.ts'

/** Dates and the like have no JSON form: zod then shows `{}` in their place. `undefined` has none in arktype: it is nothing. */
const LIBRARY_OPTIONS = {
  unrepresentable: 'any',
  fallback: {
    unit: ({ unit, base }: { readonly unit?: unknown; readonly base: unknown }) =>
      unit === undefined ? { not: {} } : base,
  },
}

/**
 * The JSON Schema (draft 2020-12) that a schema offers of its input or its output, without its `$schema`.
 *
 * @returns undefined when it offers none, as valibot's do without `toStandardJsonSchema`
 */
export function jsonSchemaOf(schema: StandardSchemaV1, side: 'input' | 'output'): JsonSchema | undefined {
  const { jsonSchema } = schema['~standard'] as { readonly jsonSchema?: Readonly<Record<string, unknown>> }
  const convert = jsonSchema?.[side]
  if (typeof convert !== 'function') return undefined
  try {
    const json: unknown = convert({ target: 'draft-2020-12', libraryOptions: LIBRARY_OPTIONS })
    if (typeof json !== 'object' || json === null) return undefined
    const { $schema: _, ...rest } = json as JsonSchema
    return rest
  } catch {
    return undefined
  }
}
