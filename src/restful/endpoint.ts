import type { RequestContext } from '../http/request-context.ts'
import type { Representations } from './representation.ts'
import type { Resource, ResourceMethod, ResourceMethods } from './resource.ts'

/** A resource, ready to be called. */
export interface Endpoint<C extends RequestContext> {
  /** By the method of the request, in capitals. */
  readonly methods: ReadonlyMap<string, ResourceMethod<C>>
  /** The same as the resource has them: not bound to it, and none that is answered by another. */
  readonly written: ReadonlyMap<string, ResourceMethod<C>>
  /** The value of `Allow`. */
  readonly allow: string
  readonly representations: Representations | undefined
}

const VERBS = [
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'head',
  'options',
] as const satisfies readonly (keyof ResourceMethods)[]

/**
 * Looks through a resource once, when it is added.
 *
 * @returns the endpoint, or what is wrong with the resource
 */
export function createEndpoint<C extends RequestContext>(
  resource: Resource & ResourceMethods<C>,
): Endpoint<C> | readonly string[] {
  const problems: string[] = []
  const methods = new Map<string, ResourceMethod<C>>()
  const written = new Map<string, ResourceMethod<C>>()
  for (const verb of VERBS) {
    const method: unknown = resource[verb]
    if (typeof method === 'function') {
      methods.set(verb.toUpperCase(), method.bind(resource))
      written.set(verb.toUpperCase(), method as ResourceMethod<C>)
    } else if (method !== undefined) problems.push(`\`${verb}\` must be a function, found ${typeof method}`)
  }
  const get = methods.get('GET')
  if (get !== undefined && !methods.has('HEAD')) methods.set('HEAD', get)
  if (methods.size === 0) problems.push(`it has none of the methods ${VERBS.map((verb) => `\`${verb}\``).join(', ')}`)
  const { representations } = resource
  if (representations?.size === 0) problems.push('`representations` must have at least one media type')
  if (problems.length > 0) return problems
  const allow = [...new Set([...methods.keys(), 'OPTIONS'])].sort().join(', ')
  return { methods, written, allow, representations }
}
