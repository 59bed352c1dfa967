import type { HttpRequest } from '../http/request.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import type { ArgLocation } from './arg-location.ts'

/** Fields by name, each with its schema. */
export type ArgsFields = { readonly [name: string]: StandardSchemaV1 }

/** What one location holds: fields by name, or one schema for all of it. */
export type LocationShape = StandardSchemaV1 | ArgsFields

/** A shape for each of several locations. */
export type LocationShapes = { readonly [Location in ArgLocation]?: LocationShape }

declare const SHAPES: unique symbol

/** Shapes in several locations, made by `inLocations`. */
export interface InLocations<Shapes> {
  /** Only for the compiler: keeps fields that happen to be named like locations apart from this. */
  readonly [SHAPES]: Shapes
}

/** What may be declared: fields by name, one schema, or shapes in several locations. */
export type ArgsShape = LocationShape | InLocations<LocationShapes>

/** Spread out, so that an editor shows fields and not how they came about. */
type Flat<T> = { [Key in keyof T]: T[Key] } & {}

type Output<Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : never

/** Fields that may be undefined may be missing. */
export type FieldsOutput<Fields> = Flat<
  {
    -readonly [Name in keyof Fields as undefined extends Output<Fields[Name]> ? never : Name]: Output<Fields[Name]>
  } & {
    -readonly [Name in keyof Fields as undefined extends Output<Fields[Name]> ? Name : never]?: Output<Fields[Name]>
  }
>

/** What validating the shape of one location gives. */
export type LocationOutput<Shape> = Shape extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Shape>
  : Shape extends ArgsFields
    ? FieldsOutput<Shape>
    : never

type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never

/** What validating a shape gives: the type of `args`. */
export type ArgsOutput<Shape> =
  Shape extends InLocations<infer Shapes>
    ? Flat<Intersection<{ [Location in keyof Shapes]: LocationOutput<Shapes[Location]> }[keyof Shapes]>>
    : LocationOutput<Shape>

/** The names that a type declares; an index signature declares none. */
type KnownKeys<T> = keyof { [Key in keyof T as string extends Key ? never : number extends Key ? never : Key]: 1 }

/** The names that an output may have; of a union, those of all its members. */
type NamesOf<T> = T extends unknown ? KnownKeys<T> : never

type NameText<Name> = Name extends string | number ? `"${Name}"` : 'one name'

/** `unknown` when `args` can take in more, else a text that the compiler's message shows. */
type NoClash<Earlier, Args> = unknown extends Earlier
  ? unknown
  : Args extends readonly unknown[]
    ? '`args` is a list here, so no other useArgs can stand before it'
    : Earlier extends readonly unknown[]
      ? '`args` is a list already, so nothing can be added to it'
      : [NamesOf<Earlier> & NamesOf<Args>] extends [never]
        ? unknown
        : `${NameText<NamesOf<Earlier> & NamesOf<Args>>} is declared by an earlier useArgs already`

/** `args` after a step; in a clash the text that says so, for views that would else show an unrelated message. */
type MergedArgs<Earlier, Args> = unknown extends Earlier
  ? Args
  : unknown extends NoClash<Earlier, Args>
    ? Flat<Earlier & Args>
    : NoClash<Earlier, Args>

/**
 * The step that `useArgs` makes: it adds `args`, beside what an earlier one has put there. Two that declare one name do not
 * compile.
 */
export type ArgsStep<Args> = <Context extends { readonly request: HttpRequest }>(
  context: Context & (Context extends { readonly args: infer Earlier } ? { args: NoClash<Earlier, Args> } : unknown),
) => MaybePromise<{ args: Context extends { readonly args: infer Earlier } ? MergedArgs<Earlier, Args> : Args }>

/** What is wrong with a shape among others; `unknown` when nothing is. */
export type LocationsCheck<Shapes> = {
  readonly [Location in keyof Shapes]: LocationCheck<Shapes, Location>
}

type LocationCheck<Shapes, Location extends keyof Shapes> =
  LocationOutput<Shapes[Location]> extends readonly unknown[]
    ? 'a list cannot stand beside other locations'
    : NamesOf<LocationOutput<Shapes[Location]>> & OtherNames<Shapes, Location> extends never
      ? unknown
      : `${NameText<NamesOf<LocationOutput<Shapes[Location]>> & OtherNames<Shapes, Location>>} is declared in two locations`

type OtherNames<Shapes, Location extends keyof Shapes> = {
  [Other in Exclude<keyof Shapes, Location>]: NamesOf<LocationOutput<Shapes[Other]>>
}[Exclude<keyof Shapes, Location>]
