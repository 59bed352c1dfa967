import type { StandardSchemaV1 } from '../lib/standard-schema.ts'

/** Schemas by key; a plain object of schemas nests. */
export interface ConfigShape {
  readonly [key: string]: StandardSchemaV1 | ConfigShape
}

/** What {@link ConfigShape} describes, or one schema of the whole configuration. */
export type ConfigSchema = StandardSchemaV1 | ConfigShape

/** The configuration a schema describes, read-only all the way down. */
export type ConfigOf<Schema> = DeepReadonly<Output<Schema>>

/** What may be given as `overrides`: any part of what the schema takes. */
export type ConfigOverrides<Schema> = DeepPartial<Input<Schema>>

type Output<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : { [Key in keyof Schema]: Output<Schema[Key]> }

type Input<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : { [Key in keyof Schema]: Input<Schema[Key]> }

type Primitive = string | number | bigint | boolean | symbol | null | undefined

/** What is frozen as one value: its inside is its own business. */
type Whole =
  | Primitive
  | Date
  | URL
  | RegExp
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...args: never[]) => unknown)

type DeepReadonly<T> = T extends Whole ? T : T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

type DeepPartial<T> = T extends Whole | readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T
