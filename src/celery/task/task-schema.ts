import type { StandardSchemaV1 } from '../../lib/standard-schema.ts'

/** A schema of positional arguments: `z.tuple([z.string(), z.int()])`. */
export type ArgsSchema = StandardSchemaV1<unknown, readonly unknown[]>

/** A schema of keyword arguments: `z.object({ copies: z.int() })`. */
export type KwargsSchema = StandardSchemaV1<unknown, object>

/** Keyword arguments of a task without a schema for them: whatever came. */
export type LooseKwargs = Readonly<Record<string, unknown>>
