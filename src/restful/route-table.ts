import { HttpError } from '../http/http-error.ts'
import type { PathParameters } from '../http/request.ts'
import { type PathPattern, shapeOf } from './path-pattern.ts'

/** A path's endpoint and the parameters that the path has for it. */
export interface Match<E> {
  readonly endpoint: E
  readonly params: PathParameters
}

interface Route<E> {
  readonly endpoint: E
  readonly source: string
  /** Which segment is which parameter. */
  readonly names: readonly (readonly [name: string, index: number])[]
}

/** One segment of the tree. Texts are tried before the parameter, from left to right. */
interface Node<E> {
  readonly texts: Map<string, Node<E>>
  parameter: Node<E> | undefined
  route: Route<E> | undefined
}

const NO_PARAMS: PathParameters = Object.freeze(Object.create(null))

/** Which path leads where. Paths without parameters are found by one look into a map. */
export class RouteTable<E> {
  readonly #plain = new Map<string, Match<E>>()
  readonly #sources = new Map<string, string>()
  readonly #root: Node<E> = createNode()

  /** The pattern that matches the same paths as this one; undefined when there is none. */
  conflict(pattern: PathPattern): string | undefined {
    return this.#sources.get(shapeOf(pattern))
  }

  /** Adds a pattern that has no {@link conflict}. */
  add(pattern: PathPattern, endpoint: E): void {
    const { source, segments } = pattern
    this.#sources.set(shapeOf(pattern), source)
    const names: (readonly [string, number])[] = []
    let node = this.#root
    for (const [index, segment] of segments.entries()) {
      if ('name' in segment) {
        names.push([segment.name, index])
        node.parameter ??= createNode()
        node = node.parameter
      } else {
        let next = node.texts.get(segment.text)
        if (next === undefined) {
          next = createNode()
          node.texts.set(segment.text, next)
        }
        node = next
      }
    }
    node.route = { endpoint, source, names }
    if (names.length === 0) this.#plain.set(source, { endpoint, params: NO_PARAMS })
  }

  /**
   * Where a path leads. Its segments are decoded once, after they have been told apart: `%2F` is part of a parameter.
   *
   * @param path - as it was sent, without the query
   * @returns undefined when no pattern matches; a parameter is never empty
   * @throws HttpError 400 when the percent-encoding is broken
   */
  find(path: string): Match<E> | undefined {
    const plain = this.#plain.get(path)
    if (plain !== undefined || !path.startsWith('/')) return plain
    const segments = path.slice(1).split('/')
    if (path.includes('%')) for (const [i, segment] of segments.entries()) segments[i] = decode(segment)
    const route = walk(this.#root, segments, 0)
    return route && { endpoint: route.endpoint, params: paramsOf(route, segments) }
  }
}

function createNode<E>(): Node<E> {
  return { texts: new Map(), parameter: undefined, route: undefined }
}

/** The tree has one way to each node, so going back and trying another way never takes longer than the tree is large. */
function walk<E>(node: Node<E>, segments: readonly string[], depth: number): Route<E> | undefined {
  const segment = segments[depth]
  if (segment === undefined) return node.route
  const text = node.texts.get(segment)
  const found = text && walk(text, segments, depth + 1)
  if (found !== undefined || segment === '' || node.parameter === undefined) return found
  return walk(node.parameter, segments, depth + 1)
}

function paramsOf<E>({ names }: Route<E>, segments: readonly string[]): PathParameters {
  if (names.length === 0) return NO_PARAMS
  const params: Record<string, string> = Object.create(null)
  for (const [name, index] of names) params[name] = segments[index] as string
  return params
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    throw new HttpError(400, 'The percent-encoding of the path is broken.', { cause: error })
  }
}
