import { HttpError } from '../http/http-error.ts'
import { HttpResponse } from '../http/http-response.ts'
import { outputJson } from '../http/output-json.ts'
import type { Outcome } from '../http/pipeline-types.ts'
import type { RequestContext } from '../http/request-context.ts'
import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import { assertNoProblems } from '../lib/problems.ts'
import { createEndpoint, type Endpoint } from './endpoint.ts'
import { type PathPattern, parsePattern, shapeOf } from './path-pattern.ts'
import { type ApiErrorOptions, ReplyWriter } from './reply-writer.ts'
import { negotiate, type Representation, type Representations } from './representation.ts'
import type { Resource, ResourceMethods } from './resource.ts'
import { type Match, RouteTable } from './route-table.ts'

/** Options of {@link Api}. */
export interface ApiOptions extends ApiErrorOptions {
  /** What all paths begin with, for instance `/api/v1`; may have parameters. Default: nothing. */
  readonly prefix?: string | undefined
}

/** Options of {@link Api.addResource}. */
export interface ResourceOptions<Args extends readonly unknown[]> {
  /** What the resource's constructor is called with. */
  readonly args: Args
}

/** A method of a resource at one of its paths, for those who document an API. */
export interface ApiRoute {
  /** In capitals. */
  readonly method: string
  /** Prefix included; parameters are `:name`. */
  readonly path: string
  readonly prefix: string
  /** The method as the resource has it, with what its steps say of themselves. */
  readonly view: (context: never) => unknown
  /** The media types it answers in. */
  readonly types: readonly string[]
}

/**
 * Resources and their paths, in the manner of Flask-RESTful. {@link Api.view} is a view like any other, so one line mounts
 * the whole on any framework.
 *
 * Unknown paths, wrong methods and every error are answered here, in the representation the client accepts, with the same
 * body that an adapter's `errorHandler()` gives.
 *
 * @typeParam C - what resources find in the context: `RequestContext`, or more when steps go before {@link Api.view} or an
 *   adapter's own context is wanted
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { view } from 'twopi/express'
 * import type { RequestContext } from 'twopi/http'
 * import { Api, Resource } from 'twopi/restful'
 *
 * class Greeting extends Resource {
 *   get({ request }: RequestContext) {
 *     return `Hello, ${request.params['name']}`
 *   }
 * }
 *
 * const api = new Api({ prefix: '/api/v1' })
 * api.addResource(Greeting, '/greetings/:name')
 *
 * const app = express()
 * app.use('/api/v1', view(api.view))
 * ```
 */
export class Api<C extends RequestContext = RequestContext> {
  /** Who writes which media type; the first is for clients that do not care. Add to it, or replace `application/json`. */
  readonly representations: Map<string, Representation> = new Map([['application/json', outputJson]])
  readonly #options: ApiErrorOptions
  readonly #prefix: string
  readonly #routes = new RouteTable<Endpoint<C>>()
  readonly #added: { readonly path: string; readonly endpoint: Endpoint<C> }[] = []

  /**
   * @param options - the prefix of all paths, and how errors are answered
   * @throws TypeError when the prefix is not a path
   */
  constructor(options: ApiOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`An Api takes options such as { prefix: '/api/v1' }, found ${typeof options}.`)
    }
    const { prefix = '', errors, onError } = options
    const parsed = prefix === '' ? undefined : parsePattern(prefix)
    const problems = parsed === undefined || 'source' in parsed ? [] : [...parsed]
    if (prefix.endsWith('/')) problems.push('it must not end with "/"; the paths begin with one')
    assertNoProblems('The `prefix` of an Api', problems)
    this.#prefix = prefix
    this.#options = { errors, onError }
  }

  /**
   * Puts a resource behind one or more paths. A class is instantiated once, here.
   *
   * A path is made of plain texts and parameters, `/classes/:id`. Texts go before parameters; a trailing slash makes
   * another path; `''` is the prefix itself.
   *
   * @param resource - a class, or an instance
   * @param paths - below the prefix; a class whose constructor takes arguments has them as the last item, `{ args: [...] }`
   * @throws TypeError naming everything that is wrong with the resource and the paths, a path that is already taken included
   */
  addResource(
    resource: (Resource & ResourceMethods<C>) | (new () => Resource & ResourceMethods<C>),
    ...paths: readonly [string, ...string[]]
  ): this
  addResource<Args extends readonly unknown[]>(
    resource: new (...args: Args) => Resource & ResourceMethods<C>,
    ...pathsAndOptions: readonly [string, ...string[], ResourceOptions<Args>]
  ): this
  addResource(
    resource: (Resource & ResourceMethods<C>) | (new (...args: readonly unknown[]) => Resource & ResourceMethods<C>),
    ...rest: readonly (string | ResourceOptions<readonly unknown[]>)[]
  ): this {
    const options = rest.find((item) => typeof item === 'object')
    const paths = rest.filter((item) => typeof item === 'string')
    const isClass = typeof resource === 'function' && resource.prototype !== undefined
    if (!isClass && (typeof resource !== 'object' || resource === null)) {
      throw new TypeError(
        `addResource() takes a class or an object with methods such as \`get\`, found ${describe(resource)}.`,
      )
    }
    const instance = typeof resource === 'function' ? new resource(...(options?.args ?? [])) : resource
    const problems: string[] = []
    const endpoint = createEndpoint<C>(instance)
    if (isProblems(endpoint)) problems.push(...endpoint)
    if (paths.length === 0) problems.push('it needs at least one path')
    const patterns = this.#parse(paths, problems)
    assertNoProblems(`The resource \`${instance.constructor.name}\``, problems)
    if (isProblems(endpoint)) return this
    for (const pattern of patterns) {
      this.#routes.add(pattern, endpoint)
      this.#added.push({ path: pattern.source, endpoint })
    }
    return this
  }

  /** Every method at every path, in the order they were added. HEAD and OPTIONS only where a resource has its own. */
  get routes(): readonly ApiRoute[] {
    return this.#added.flatMap(({ path, endpoint }) =>
      [...endpoint.written].map(([method, view]) => {
        const types = [...(endpoint.representations ?? this.representations).keys()]
        return { method, path, prefix: this.#prefix, view, types }
      }),
    )
  }

  #parse(paths: readonly string[], problems: string[]): readonly PathPattern[] {
    const shapes = new Map<string, string>()
    return paths.flatMap((path) => {
      // The path by itself, or "/api" and "rooms" would make "/apirooms".
      const pattern = parsePattern(path.startsWith('/') || path === '' ? this.#prefix + path : path)
      if (isProblems(pattern)) {
        problems.push(...pattern)
        return []
      }
      const taken = this.#routes.conflict(pattern) ?? shapes.get(shapeOf(pattern))
      if (taken !== undefined) problems.push(`the path "${pattern.source}" matches what "${taken}" matches already`)
      shapes.set(shapeOf(pattern), pattern.source)
      return [pattern]
    })
  }

  /** Answers a request: `view(api.view)`. It finds the resource by the request's whole path, prefix included. */
  readonly view = (context: C): MaybePromise<Outcome> => {
    const { request } = context
    const match = this.#find(request.path)
    const representations =
      (match instanceof HttpError ? undefined : match.endpoint.representations) ?? this.representations
    const chosen = negotiate(representations, request.headers.get('accept'))
    const place = { method: request.method, path: request.path }
    const writer = new ReplyWriter(chosen ?? plainJson(representations), representations.size > 1, place, this.#options)
    if (match instanceof HttpError) return writer.fail(match)

    const { methods, allow } = match.endpoint
    const method = methods.get(request.method)
    if (method === undefined) {
      if (request.method === 'OPTIONS') return new HttpResponse(204, { allow }, null)
      return writer.fail(new HttpError(405, undefined, { headers: { allow } }))
    }
    // Before the method runs: a refusal must not have done anything.
    if (chosen === undefined) {
      return writer.fail(new HttpError(406, undefined, { details: { available: [...representations.keys()] } }))
    }
    request.setParams(match.params)
    const settle = (result: unknown) => (isNative(result, context) ? (result as Outcome) : writer.answer(result))
    try {
      const result = method(context)
      // Asked first, because Fastify's `reply` is a promise of its own end.
      if (isNative(result, context) || !isPromiseLike(result)) return settle(result)
      return result.then(settle, (error: unknown) => writer.fail(error))
    } catch (error) {
      return writer.fail(error)
    }
  }

  #find(path: string): Match<Endpoint<C>> | HttpError {
    try {
      return this.#routes.find(path) ?? new HttpError(404)
    } catch (error) {
      if (error instanceof HttpError) return error
      throw error
    }
  }
}

/** For those whom no representation suits: an error they may not read is better than none. */
function plainJson(representations: Representations): readonly [string, Representation] {
  return ['application/json', representations.get('application/json') ?? outputJson]
}

/**
 * What only the adapter can judge, which has put the framework's own objects into `native`: one of them, or nothing, which
 * may mean that the method has answered through one of them.
 */
function isNative(result: unknown, context: object): boolean {
  if (!('native' in context) || (typeof result !== 'object' && result !== undefined)) return false
  const { native } = context
  return (
    result === undefined || (typeof native === 'object' && native !== null && Object.values(native).includes(result))
  )
}

function isProblems(value: object): value is readonly string[] {
  return Array.isArray(value)
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'function' ? 'a function that is no class' : typeof value
}
