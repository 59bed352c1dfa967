import { isStandardSchema, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { fileRuleOf } from './arg-files.ts'
import { type ArgLocation, BODY_LOCATIONS, isArgLocation } from './arg-location.ts'
import type { ArgsSettings } from './args-settings.ts'
import type { ArgsFields, ArgsShape, LocationShape } from './args-types.ts'
import type { Checker } from './checker.ts'
import { FieldsChecker } from './fields-checker.ts'
import { ShapesByLocation } from './in-locations.ts'
import { LocationReader } from './location-reader.ts'
import { createFilesPlan } from './read-files.ts'
import { SchemaChecker } from './schema-checker.ts'
import { VENDOR } from './to-arg-issues.ts'

/** A checker for a shape. Sets down what is wrong with the shape in `faults`. */
export function createChecker(shape: unknown, faults: string[], where: string = 'shape'): Checker {
  if (isStandardSchema(shape)) return new SchemaChecker(shape)
  if (typeof shape !== 'object' || shape === null || Array.isArray(shape)) {
    faults.push(
      `\`${where}\` must be a Standard Schema (zod, valibot, arktype) or an object of them, found ${kindOf(shape)}`,
    )
    return new FieldsChecker({})
  }
  const fields: Record<string, StandardSchemaV1> = {}
  for (const [name, field] of Object.entries(shape as ArgsFields)) {
    if (name === '__proto__') faults.push(`\`${where}\` must not have a field named "__proto__"`)
    else if (isStandardSchema(field)) fields[name] = field
    else
      faults.push(`\`${where}.${name}\` must be a Standard Schema (zod, valibot, arktype, arg), found ${kindOf(field)}`)
  }
  return new FieldsChecker(fields)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}

/**
 * The readers of a shape, those of texts first and that of the body last.
 *
 * @throws TypeError with everything that is wrong with it
 */
export function compileShape(shape: ArgsShape, settings: ArgsSettings, many: boolean): readonly LocationReader[] {
  const faults: string[] = []
  const readers =
    shape instanceof ShapesByLocation
      ? compileLocations(shape, settings, many, faults)
      : [compileLocation(settings.location, shape as LocationShape, settings, many, faults, 'shape')]
  if (faults.length > 0) throw new TypeError(faults.join('; '))
  return readers
}

function compileLocations(
  { shapes }: ShapesByLocation,
  settings: ArgsSettings,
  many: boolean,
  faults: string[],
): readonly LocationReader[] {
  if (many) faults.push('`many` needs one shape in one location, found inLocations()')
  const entries = Object.entries(shapes).filter(([, shape]) => shape !== undefined)
  if (entries.length === 0) faults.push('inLocations() needs at least one location, found none')
  const readers = entries.flatMap(([location, shape]) => {
    if (isArgLocation(location)) return [compileLocation(location, shape, settings, false, faults, location)]
    faults.push(`inLocations() has no location "${location}"`)
    return []
  })
  readers.sort((a, b) => rank(a.location) - rank(b.location))
  faults.push(...bodyFaults(readers.map(({ location }) => location)), ...clashes(readers))
  return readers
}

function compileLocation(
  location: ArgLocation,
  shape: LocationShape,
  settings: ArgsSettings,
  many: boolean,
  faults: string[],
  where: string,
): LocationReader {
  if (many && location !== 'json') faults.push(`\`many\` needs the location "json", found "${location}"`)
  const checker = createChecker(shape, faults, where)
  faults.push(...fileFaults(location, shape, where))
  const files = location === 'files' ? createFilesPlan(shape, checker, settings, faults) : undefined
  return new LocationReader(location, checker, settings, many, files)
}

/** Files come in one location, and nothing else does. */
function fileFaults(location: ArgLocation, shape: LocationShape, where: string): readonly string[] {
  if (isStandardSchema(shape) || typeof shape !== 'object' || shape === null) return []
  return Object.entries(shape).flatMap(([name, field]) => {
    if (!isStandardSchema(field)) return []
    const isFile = fileRuleOf(field) !== undefined
    if (location !== 'files') {
      const fault = `\`${where}.${name}\` is a file, which only the location "files" can receive, found "${location}"`
      return isFile ? [fault] : []
    }
    if (isFile || field['~standard'].vendor !== VENDOR) return []
    return [
      `\`${where}.${name}\` must be a file (arg.file, arg.files, or a schema of UploadedFile), found another field of arg`,
    ]
  })
}

/** Texts are read first, and files before the form that comes with them, because they say what is to be kept of the body. */
function rank(location: ArgLocation): number {
  return BODY_LOCATIONS.has(location) ? (location === 'files' ? 1 : 2) : 0
}

/** A request has one body: JSON or a form, which may have files. */
function bodyFaults(locations: readonly ArgLocation[]): readonly string[] {
  const bodies = locations.filter((location) => BODY_LOCATIONS.has(location))
  const isForm = bodies.every((location) => location === 'form' || location === 'files')
  return bodies.length < 2 || isForm ? [] : [`a request has one body, so ${quoted(bodies)} exclude each other`]
}

function clashes(readers: readonly LocationReader[]): readonly string[] {
  const owners = new Map<string, ArgLocation[]>()
  for (const { location, checker } of readers) {
    for (const name of checker.names ?? []) owners.set(name, [...(owners.get(name) ?? []), location])
  }
  return [...owners].flatMap(([name, locations]) =>
    locations.length < 2 ? [] : [`"${name}" is declared in ${quoted(locations)}; a name may be in one location only`],
  )
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' and ')
}
