import type { DescribedSchema, JsonSchema } from '../http/describe-step.ts'
import { isStandardSchema } from '../lib/standard-schema.ts'
import { convertSchema, type SchemaConverters, type SchemaSide } from './convert-schema.ts'
import { stringifyPlain, toPlain } from './plain.ts'
import { Registry } from './registry.ts'

// A schema library writes each JSON Schema as a document of its own: what it names is in `$defs`, and `#` is itself. In an
// OpenAPI document `#` is that document, so what is named goes to the components and references are written anew.

/** Keywords whose members are schemas by any name. */
const BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas'])
/** Keywords that hold data, in which a `$ref` is a member like any other. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'example', 'examples', 'required'])
/** Keywords that make a schema a document of its own. */
const DROPPED: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', 'definitions'])

const COMPONENTS = '#/components/schemas/'

type Definitions = Readonly<Record<string, unknown>>

/** What of one document of a library is being written. */
interface Root {
  readonly definitions: Definitions
  /** Names of components by definition. */
  readonly names: Map<string, string>
  readonly hint: string
  readonly side: SchemaSide
  /** The component of the document itself, when something in it refers to it. */
  readonly self: () => string
}

/** Writes schemas into an OpenAPI document. */
export class SchemaWriter {
  readonly components: Registry<JsonSchema> = new Registry()
  readonly #converters: SchemaConverters

  constructor(converters: SchemaConverters) {
    this.#converters = converters
  }

  /**
   * What stands in the document for a schema.
   *
   * @param hint - names the parts that have no name and need one
   */
  write(schema: DescribedSchema, side: SchemaSide, hint: string): JsonSchema {
    const document = isStandardSchema(schema)
      ? convertSchema(schema, side, this.#converters)
      : this.#expand(schema, side, hint)
    const { $id, $defs, definitions } = document
    const id = typeof $id === 'string' && /^[\w.-]+$/.test($id) ? $id : undefined
    const key = `${side} ${id ?? ''} ${stringifyPlain(document)}`
    let self = this.components.find(key)
    // It is being written, or has been.
    if (self !== undefined) return { $ref: COMPONENTS + self }
    if (id !== undefined) self = this.components.reserve(key, id)
    const root: Root = {
      definitions: { ...membersOf(definitions), ...membersOf($defs) },
      names: new Map(),
      hint,
      side,
      self: () => (self ??= this.components.reserve(key, hint)),
    }
    const written = this.#schema(document, root)
    if (self === undefined) return written
    this.components.set(self, written)
    return { $ref: COMPONENTS + self }
  }

  /** The schema itself, where a reference stands. */
  resolve(schema: JsonSchema): JsonSchema | undefined {
    const { $ref } = schema
    if (typeof $ref !== 'string') return schema
    return $ref.startsWith(COMPONENTS) ? this.components.get($ref.slice(COMPONENTS.length)) : undefined
  }

  #schema(schema: JsonSchema, root: Root): JsonSchema {
    const written: Record<string, unknown> = {}
    for (const [keyword, value] of Object.entries(schema)) {
      if (DROPPED.has(keyword)) continue
      if (keyword === '$ref' && typeof value === 'string') written[keyword] = this.#reference(value, root)
      else if (DATA.has(keyword)) written[keyword] = value
      else if (BY_NAME.has(keyword)) {
        const members = Object.entries(membersOf(value)).map(([name, part]) => [name, this.#part(part, root)])
        written[keyword] = Object.fromEntries(members)
      } else written[keyword] = this.#part(value, root)
    }
    return written
  }

  /** A schema, a list of them, or a plain value of a keyword. */
  #part(value: unknown, root: Root): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#part(item, root))
    return isObject(value) ? this.#schema(value, root) : value
  }

  /** A schema written by hand, without those of libraries that stand in it. */
  #expand(schema: JsonSchema, side: SchemaSide, hint: string): JsonSchema {
    const expand = (value: unknown): unknown => {
      if (isStandardSchema(value)) return this.write(value, side, hint)
      if (Array.isArray(value)) return value.map(expand)
      return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, expand(part)]))
        : value
    }
    return toPlain(expand(schema)) as JsonSchema
  }

  #reference(reference: string, root: Root): string {
    if (reference.startsWith(COMPONENTS) || !reference.startsWith('#')) return reference
    const [, place, name = '', below = ''] = /^#\/(\$defs|definitions)\/([^/]*)(.*)$/.exec(reference) ?? []
    if (place === undefined) return COMPONENTS + root.self() + reference.slice(1)
    const definition = decode(name).replaceAll('~1', '/').replaceAll('~0', '~')
    return COMPONENTS + this.#definition(definition, root) + below
  }

  #definition(definition: string, root: Root): string {
    const known = root.names.get(definition)
    if (known !== undefined) return known
    // The same name may stand for something else in another document; the same text, for the same.
    const key = `${root.side} ${definition} ${stringifyPlain(reachable(definition, root.definitions))}`
    const found = this.components.find(key)
    const name = found ?? this.components.reserve(key, definition.startsWith('_') ? `${root.hint}Part` : definition)
    root.names.set(definition, name)
    if (found === undefined) {
      const { [definition]: schema } = root.definitions
      this.components.set(name, this.#schema(membersOf(schema), root))
    }
    return name
  }
}

/** A definition with all that it refers to, directly or not. */
function reachable(start: string, definitions: Definitions): Definitions {
  const found: Record<string, unknown> = {}
  const queue = [start]
  for (const name of queue) {
    if (Object.hasOwn(found, name)) continue
    const { [name]: definition } = definitions
    found[name] = definition
    for (const other of Object.keys(definitions)) {
      if (stringifyPlain(definition).includes(`/${other}`)) queue.push(other)
    }
  }
  return found
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function membersOf(value: unknown): JsonSchema {
  return isObject(value) ? value : {}
}

/** Libraries write names into references with or without percent-encoding. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
