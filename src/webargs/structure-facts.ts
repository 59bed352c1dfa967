import { allOfFacts, LIST, OTHER, objectFacts, oneOfFacts, type SchemaFacts } from './merge-facts.ts'

/** The members by which valibot's schemas, and those of zod before 4.2, say what they are made of. */
interface Structure {
  readonly type?: unknown
  readonly typeName?: unknown
  readonly entries?: unknown
  readonly shape?: unknown
  readonly catchall?: unknown
  readonly unknownKeys?: unknown
  readonly options?: unknown
  readonly left?: unknown
  readonly right?: unknown
  readonly wrapped?: unknown
  readonly innerType?: unknown
  readonly schema?: unknown
  readonly in?: unknown
  readonly getter?: unknown
}

/** What a schema's structure says, without importing any library; undefined when it is of a kind we do not know. */
export function factsOfStructure(schema: object): SchemaFacts | undefined {
  const node = structureOf(schema)
  return node === undefined || kindOf(node) === '' ? undefined : read(schema, 0)
}

/** Schemas may contain themselves; nobody wraps one deeper than this. */
const DEEPEST = 16

function read(schema: unknown, depth: number): SchemaFacts {
  const node = structureOf(schema)
  if (node === undefined || depth > DEEPEST) return OTHER
  const below = (part: unknown) => read(part, depth + 1)
  switch (kindOf(node)) {
    case 'object':
    case 'loose_object':
    case 'strict_object':
    case 'object_with_rest': {
      const entries = Object.entries(call(node.entries ?? node.shape) ?? {})
      return objectFacts(new Map(entries.map(([key, part]) => [key, below(part).kind === 'list'])), isOpen(node))
    }
    case 'record':
      return objectFacts(new Map(), true)
    case 'array':
    case 'tuple':
    case 'loose_tuple':
    case 'strict_tuple':
    case 'tuple_with_rest':
      return LIST
    case 'union':
    case 'variant':
    case 'discriminatedunion':
      return oneOfFacts(
        Array.from(node.options as Iterable<unknown>)
          .filter(isPresent)
          .map(below),
      )
    case 'intersect':
      return allOfFacts((node.options as readonly unknown[]).map(below))
    case 'intersection':
      return allOfFacts([below(node.left), below(node.right)])
    case 'lazy':
      return below(call(node.getter))
    default:
      return below(node.wrapped ?? node.innerType ?? node.schema ?? node.in)
  }
}

/** valibot keeps it in the schema itself, zod 4 in `def`, zod 3 in `_def`. */
function structureOf(schema: unknown): Structure | undefined {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return undefined
  const { def, _def } = schema as { readonly def?: unknown; readonly _def?: unknown }
  return (def ?? _def ?? schema) as Structure
}

function kindOf({ type, typeName }: Structure): string {
  const name = typeof typeName === 'string' ? typeName.replace(/^Zod/, '').toLowerCase() : type
  return typeof name === 'string' ? name : ''
}

/** Not one of the schemas that stand for nothing in a union. */
function isPresent(schema: unknown): boolean {
  const node = structureOf(schema)
  return node === undefined || !['null', 'undefined', 'void', 'never'].includes(kindOf(node))
}

function isOpen(node: Structure): boolean {
  const kind = kindOf(node)
  if (kind === 'loose_object' || kind === 'object_with_rest' || node.unknownKeys === 'passthrough') return true
  const rest = structureOf(node.catchall)
  return rest !== undefined && kindOf(rest) !== 'never'
}

function call(value: unknown): object | undefined {
  const result: unknown = typeof value === 'function' ? value(undefined) : value
  return typeof result === 'object' && result !== null ? result : undefined
}
