import { type DescribedOperation, descriptionsOf, type StepDescription } from '../http/describe-step.ts'
import type {
  OpenApiComponents,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiResponse,
  OpenApiSecurityScheme,
} from './open-api-document.ts'
import { assertUsable, type OpenApiOptions, type OpenApiRoute, type OpenApiSource } from './openapi-options.ts'
import { OperationIds } from './operation-id.ts'
import { Registry } from './registry.ts'
import { SchemaWriter } from './schema-writer.ts'
import { writeParameters } from './write-arguments.ts'
import { writeBody } from './write-body.ts'
import { writeReplies } from './write-replies.ts'
import { writeSecurity } from './write-security.ts'

/**
 * Makes an OpenAPI 3.1 document of what endpoints declare: the arguments of `useArgs`, the tokens of `parseAuthHeader` and
 * `authRequired`, the limit of `limitBody`, and what `describe` adds. The same code gives the same document, to the byte.
 *
 * JSON Schema comes from the schema libraries themselves (`~standard.jsonSchema`: zod from 4.2, arktype from 2.1.28) or from
 * a converter of the options. A schema that has none is shown as anything, with a note.
 *
 * @param source - an `Api`, `{ routes: [...] }` for views that another router has, or several of them
 * @param options - `info` with `title` and `version`; `servers`, `tags`, `converters`, `steps`
 * @returns the document, as plain data
 * @throws TypeError with everything that is wrong with the routes and options
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { openapi } from 'twopi/openapi'
 * import { Api } from 'twopi/restful'
 * import { arg, useArgs } from 'twopi/webargs'
 *
 * const list = pipeline(useArgs({ page: arg.int({ default: 1 }) }, { location: 'query' }), ({ args }) => ({ page: args.page }))
 * const api = new Api({ prefix: '/api/v1' }).addResource({ get: list }, '/classes')
 *
 * export const document = openapi(api, { info: { title: 'A small school', version: '1.0.0' } })
 * ```
 */
export function openapi(source: OpenApiSource | readonly OpenApiSource[], options: OpenApiOptions): OpenApiDocument {
  const routes = [source].flat().flatMap(({ routes: list }) => list)
  assertUsable(routes, options)
  const document = new DocumentWriter(options)
  for (const route of document.named(routes)) document.add(route)
  return document.finish()
}

/** A route with what it says of itself. */
interface ReadRoute extends OpenApiRoute {
  readonly said: readonly StepDescription[]
  readonly operation: DescribedOperation
}

class DocumentWriter {
  readonly #options: OpenApiOptions
  readonly #writer: SchemaWriter
  readonly #responses = new Registry<OpenApiResponse>()
  readonly #schemes = new Registry<OpenApiSecurityScheme>()
  readonly #ids = new OperationIds()
  /** Names that somebody chose and that an operation has got. */
  readonly #used = new Set<string>()
  readonly #paths = new Map<string, Record<string, OpenApiOperation>>()
  readonly #problems: string[] = []

  constructor(options: OpenApiOptions) {
    this.#options = options
    this.#writer = new SchemaWriter(options.converters ?? {})
  }

  /** Reads the routes that are shown; names that somebody chose are kept before others are made. */
  named(routes: readonly OpenApiRoute[]): readonly ReadRoute[] {
    const before = (this.#options.steps ?? []).flatMap(descriptionsOf)
    const read = routes.map((route): ReadRoute => {
      const own = descriptionsOf(route.view)
      const said = [...before, ...own]
      // What stands further out knows better: `describe` before a view that describes itself.
      const operations = [...said].reverse().map(({ operation }) => withoutUndefined(operation ?? {}))
      return { ...route, said, operation: Object.assign({}, ...operations) as DescribedOperation }
    })
    const shown = read.filter(({ operation }) => operation.hidden !== true)
    const owners = new Map<string, unknown>()
    for (const { operation, view, method, path } of shown) {
      const { operationId } = operation
      if (operationId === undefined || this.#ids.take(operationId)) {
        if (operationId !== undefined) owners.set(operationId, view)
      } else if (owners.get(operationId) !== view) {
        throw new TypeError(
          `openapi: the \`operationId\` "${operationId}" of ${method} ${path} is that of another already`,
        )
      }
    }
    return shown
  }

  add(route: ReadRoute): void {
    const { method, path, types = ['application/json'], said, operation } = route
    const operationId = this.#idOf(route)
    const hint = operationId.charAt(0).toUpperCase() + operationId.slice(1)
    const args = said.flatMap((description) => description.args ?? [])
    const limits = said.flatMap(({ bodyLimit }) => bodyLimit ?? [])
    const { template, names } = toTemplate(path)
    const writer = this.#writer
    const missing = new Set<string>()
    const parameters = writeParameters(args, names, writer, hint, missing)
    if (missing.size > 0) this.#problems.push(notInPath(route, names, missing))
    const requestBody = writeBody(args, limits.at(-1), writer, hint)
    const security = writeSecurity(said, this.#schemes)
    const methods = this.#paths.get(template) ?? {}
    this.#paths.set(template, methods)
    methods[method.toLowerCase()] = withoutUndefined({
      operationId,
      summary: operation.summary,
      description: operation.description,
      tags: operation.tags ?? tagsOf(route),
      deprecated: operation.deprecated,
      security,
      parameters: parameters.length === 0 ? undefined : parameters,
      requestBody,
      responses: writeReplies(said, { writer, responses: this.#responses, types, hint }),
    })
  }

  /** @throws TypeError with everything that is wrong with the arguments of the routes */
  finish(): OpenApiDocument {
    if (this.#problems.length > 0) throw new TypeError(`openapi: ${this.#problems.join('; ')}`)
    const { info, servers, tags } = this.#options
    const components: OpenApiComponents = withoutUndefined({
      schemas: this.#writer.components.toObject(),
      responses: this.#responses.toObject(),
      securitySchemes: this.#schemes.toObject(),
    })
    return withoutUndefined({
      openapi: '3.1.1' as const,
      info,
      servers,
      tags,
      paths: Object.fromEntries(this.#paths),
      components: Object.keys(components).length === 0 ? undefined : components,
    })
  }

  #idOf({ operation, method, path, prefix = '' }: ReadRoute): string {
    const { operationId } = operation
    // A view at several paths has its name at the first.
    if (operationId === undefined || this.#used.has(operationId)) return this.#ids.make(method, path, prefix)
    this.#used.add(operationId)
    return operationId
  }
}

/** `/classes/:id` is `/classes/{id}`; texts are written as they are in URLs. */
function toTemplate(path: string): { readonly template: string; readonly names: readonly string[] } {
  const names: string[] = []
  const segments = path.split('/').map((segment) => {
    if (!segment.startsWith(':')) return encodeURI(segment)
    names.push(segment.slice(1))
    return `{${segment.slice(1)}}`
  })
  return { template: segments.join('/'), names }
}

function notInPath({ method, path }: OpenApiRoute, names: readonly string[], missing: ReadonlySet<string>): string {
  const quoted = (list: Iterable<string>) => [...list].map((name) => `"${name}"`).join(', ')
  const found = names.length === 0 ? 'none' : quoted(names)
  return `the route "${method} ${path}" must have the path parameters ${quoted(missing)} that its view demands, found ${found}`
}

/** The first text of the path below the prefix. */
function tagsOf({ path, prefix = '' }: OpenApiRoute): readonly string[] | undefined {
  const first = path
    .slice(prefix.length)
    .split('/')
    .find((segment) => segment !== '' && !segment.startsWith(':'))
  return first === undefined ? undefined : [first]
}

type Defined<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>
}

function withoutUndefined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>
}
