/**
 * What can be seen of a schema without asking it: whether it takes an object and with which keys, or a list. Text has no
 * types, so lists in a query are recognised by this; so are fields that nobody declared.
 */
export interface SchemaFacts {
  readonly kind: 'object' | 'list' | 'other'
  /** The keys of an object, each with whether it is a list. */
  readonly keys: ReadonlyMap<string, boolean>
  /** Whether the schema says itself that it takes other keys too. */
  readonly open: boolean
}

const NO_KEYS: ReadonlyMap<string, boolean> = new Map()

export const LIST: SchemaFacts = { kind: 'list', keys: NO_KEYS, open: false }
export const OTHER: SchemaFacts = { kind: 'other', keys: NO_KEYS, open: false }

/** An object by its keys. */
export function objectFacts(keys: ReadonlyMap<string, boolean>, open: boolean): SchemaFacts {
  return { kind: 'object', keys, open }
}

/** A value that is one of several: a list when all are, an object when all are, with the keys of all. */
export function oneOfFacts(branches: readonly SchemaFacts[]): SchemaFacts {
  const [first] = branches
  if (first === undefined || branches.some(({ kind }) => kind !== first.kind)) return OTHER
  if (first.kind !== 'object') return first
  const keys = new Map<string, boolean>()
  for (const branch of branches) {
    for (const [key, isList] of branch.keys) keys.set(key, isList && (keys.get(key) ?? true))
  }
  return objectFacts(
    keys,
    branches.some(({ open }) => open),
  )
}

/** A value that is all of several. */
export function allOfFacts(parts: readonly SchemaFacts[]): SchemaFacts {
  const objects = parts.filter(({ kind }) => kind === 'object')
  if (objects.length > 0) return oneOfFacts(objects)
  return parts.find(({ kind }) => kind === 'list') ?? OTHER
}
