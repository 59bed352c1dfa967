import { isStandardSchema } from '../lib/standard-schema.ts'
import type { SchemaConverters } from './convert-schema.ts'
import type { OpenApiInfo, OpenApiServer, OpenApiTag } from './open-api-document.ts'

/** One method at one path. */
export interface OpenApiRoute {
  /** In capitals, as `GET`. */
  readonly method: string
  /** As a client has it, with parameters as `:name`: `/classes/:id`. */
  readonly path: string
  /** What answers: a view, a `pipeline(…)`, with what its steps say of themselves. */
  readonly view: (context: never) => unknown
  /** What of the path is left out of names. Default: nothing. */
  readonly prefix?: string | undefined
  /** The media types it answers in. Default `application/json`. */
  readonly types?: readonly string[] | undefined
}

/** What is documented: an `Api`, or a list of routes that another router has. */
export interface OpenApiSource {
  readonly routes: readonly OpenApiRoute[]
}

/** Options of `openapi`. */
export interface OpenApiOptions {
  /** The title and version of the API at least. */
  readonly info: OpenApiInfo
  /** Default: the server the document comes from. */
  readonly servers?: readonly OpenApiServer[] | undefined
  /** Descriptions of groups, in the order in which they are to be shown. An operation's group is its first path segment. */
  readonly tags?: readonly OpenApiTag[] | undefined
  /** For schema libraries that offer no JSON Schema by themselves, by vendor: `{ valibot: (schema, side) => … }`. */
  readonly converters?: SchemaConverters | undefined
  /** Steps that stand before the `view` of the whole, as in `view(parseAuthHeader(Token), authRequired(), api.view)`. */
  readonly steps?: readonly ((context: never) => unknown)[] | undefined
}

const METHODS: readonly string[] = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']

/** @throws TypeError with everything that is wrong with the routes and options */
export function assertUsable(routes: readonly OpenApiRoute[], options: OpenApiOptions): void {
  const { info, converters = {}, steps = [] } = options
  const problems: string[] = []
  for (const name of ['title', 'version'] as const) {
    if (typeof info?.[name] !== 'string') problems.push(`\`info.${name}\` must be a text`)
  }
  for (const [vendor, converter] of Object.entries(converters)) {
    if (typeof converter !== 'function') problems.push(`\`converters.${vendor}\` must be a function`)
  }
  if (steps.some((step) => typeof step !== 'function' || isStandardSchema(step))) {
    problems.push('`steps` must be a list of steps')
  }
  const seen = new Set<string>()
  // OpenAPI 3.1, "Paths Object": paths that differ in the names of parameters alone are identical, and must not both exist.
  const named = new Map<string, string>()
  for (const { method, path, view } of routes) {
    const where = `${method} ${path}`
    const hierarchy = path.replace(/:\w+/g, ':')
    const shape = `${method} ${hierarchy}`
    if (!METHODS.includes(method)) problems.push(`the route "${where}" must have a method of ${METHODS.join(', ')}`)
    if (!path.startsWith('/')) problems.push(`the path of the route "${where}" must begin with "/"`)
    if (typeof view !== 'function') problems.push(`the \`view\` of the route "${where}" must be a function`)
    if (seen.has(shape)) problems.push(`the route "${where}" is there twice`)
    else if ((named.get(hierarchy) ?? path) !== path) {
      problems.push(`the route "${where}" must have the parameter names of "${named.get(hierarchy)}"`)
    }
    seen.add(shape)
    if (!named.has(hierarchy)) named.set(hierarchy, path)
  }
  if (problems.length > 0) throw new TypeError(`openapi: ${problems.join('; ')}`)
}
