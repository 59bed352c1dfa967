import type { DescribedSchema, JsonSchema } from '../http/describe-step.ts'

/** Options of {@link pageOf}. */
export interface PageOfOptions {
  /** Whether it is the body of `keyset(…)`, with cursors instead of an offset. Default false. */
  readonly keyset?: boolean | undefined
}

/**
 * The body of `paginated`, for `describe`: a page of items with its place in the whole.
 *
 * @param item - one item: a Standard Schema or a JSON Schema
 * @param options - `keyset` (default false)
 * @returns a JSON Schema, for `responses`
 *
 * @example
 * ```ts
 * import { describe, pageOf } from 'twopi/openapi'
 * import { z } from 'zod'
 *
 * const SchoolClass = z.object({ id: z.string(), name: z.string() })
 *
 * export const classes = describe({ responses: { 200: pageOf(SchoolClass) } })
 * ```
 */
export function pageOf(item: DescribedSchema, options: PageOfOptions = {}): JsonSchema {
  const { keyset = false } = options
  const offset = { type: 'integer', minimum: 0, description: 'How many items stand before this page.' }
  const cursor = { type: ['string', 'null'] }
  const properties = {
    ...(keyset ? {} : { offset }),
    limit: { type: 'integer', minimum: 1, description: 'How many items a page has at most.' },
    totalItems: {
      type: ['integer', 'null'],
      minimum: 0,
      description: 'How many items there are on all pages; null where they are not counted.',
    },
    items: { type: 'array', items: item },
    ...(keyset
      ? {
          next: { ...cursor, description: 'The cursor of the next page; null on the last.' },
          prev: { ...cursor, description: 'The cursor of the page before; null on the first.' },
        }
      : {}),
  }
  return { type: 'object', properties, required: Object.keys(properties) }
}
