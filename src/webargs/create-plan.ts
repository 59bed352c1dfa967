import { isStandardSchema } from '../lib/standard-schema.ts'
import { delimitedOf } from './arg-lists.ts'
import { ArgsPlan, type ArgsSource, MergedSource, SingleSource } from './args-plan.ts'
import type { ArgsSettings } from './args-settings.ts'
import type { ArgsShape } from './args-types.ts'
import { compileShape, createChecker } from './compile-shape.ts'
import { FirstOfSource } from './first-of-source.ts'
import { ShapesByLocation } from './in-locations.ts'
import type { LocationReader } from './location-reader.ts'

/**
 * Makes a declaration ready for requests.
 *
 * @throws TypeError with everything that is wrong with it
 */
export function createPlan(shape: ArgsShape, settings: ArgsSettings, many: boolean): ArgsPlan {
  return new ArgsPlan(createSource(shape, settings, many), settings)
}

function createSource(shape: ArgsShape, settings: ArgsSettings, many: boolean): ArgsSource {
  // A shape that names locations itself leaves nothing to look for.
  if (settings.firstOf !== undefined && !(shape instanceof ShapesByLocation)) {
    return createFirstOf(shape, settings, many)
  }
  const readers = compileShape(shape, settings, many)
  return readers.length === 1 ? new SingleSource(readers[0] as LocationReader) : new MergedSource(readers)
}

function createFirstOf(shape: ArgsShape, settings: ArgsSettings, many: boolean): ArgsSource {
  const faults: string[] = []
  if (many) faults.push('`many` needs one location, found `firstOf`')
  const checker = createChecker(shape, faults)
  const { names } = checker
  if (names === undefined) faults.push('`firstOf` needs fields by name, or a schema whose keys can be seen')
  if (faults.length > 0) throw new TypeError(faults.join('; '))
  const fields = isStandardSchema(shape) ? [] : Object.entries(shape)
  const delimited = fields.flatMap(([name, field]) => (delimitedOf(field) === undefined ? [] : [name]))
  return new FirstOfSource(
    Object.assign(checker, { names: names ?? new Set<string>() }),
    settings.firstOf ?? [],
    new Set(delimited),
    settings,
  )
}
