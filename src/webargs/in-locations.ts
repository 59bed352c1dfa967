import type { InLocations, LocationShapes, LocationsCheck } from './args-types.ts'

/** What {@link inLocations} makes, as the code sees it. */
export class ShapesByLocation {
  readonly shapes: LocationShapes

  constructor(shapes: LocationShapes) {
    this.shapes = shapes
  }
}

/**
 * Declares arguments in several locations at once, to be given to `useArgs`. All of them are read, whatever is wrong with
 * the first, and everything that is wrong is reported in one reply. What they give is merged into one `args`, so a name may
 * be declared in one location only; two that declare it do not compile.
 *
 * @param shapes - by location (`path`, `query`, `headers`, `cookies`, `json`, `form`, `json_or_form`, `files`): fields by
 *   name, or one schema
 * @returns the declaration; a TypeError for what cannot work comes from `useArgs`
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { arg, inLocations, useArgs } from 'twopi/webargs'
 * import { z } from 'zod'
 *
 * export const rename = pipeline(
 *   useArgs(inLocations({ path: { id: arg.int() }, query: { dryRun: arg.bool({ default: false }) }, json: { name: z.string() } })),
 *   ({ args }) => `${args.id} is ${args.name} now${args.dryRun ? ', or would be' : ''}`,
 * )
 * ```
 */
export function inLocations<const Shapes extends LocationShapes>(
  shapes: Shapes & LocationsCheck<Shapes>,
): InLocations<Shapes> {
  return new ShapesByLocation({ ...shapes }) as unknown as InLocations<Shapes>
}
