/** How much of a request is looked at. More of it is answered 413. */
export interface ArgLimits {
  /** How many fields a query, a form, the cookies or the headers may have, repeated ones counted. Default 1000. */
  readonly fields: number
  /** How deep JSON may be nested; `{"a": [1]}` is 2 deep. Default 64. */
  readonly depth: number
  /** How many members and items JSON may have, at all depths together. Default 10,000. */
  readonly values: number
  /** How long a name in JSON may be, in UTF-16 units. Some libraries write it once for each fault below it. Default 1000. */
  readonly nameLength: number
  /** How many issues are reported; further ones are left out. Default 1000. */
  readonly issues: number
}

export const DEFAULT_LIMITS: ArgLimits = { fields: 1000, depth: 64, values: 10_000, nameLength: 1000, issues: 1000 }

/** The limits that JSON may be over. */
export type JsonLimit = 'depth' | 'values' | 'nameLength'

/** Which limit JSON is over; undefined when it is within them. The walk ends as soon as it knows. */
export function overLimit(value: unknown, limits: ArgLimits): JsonLimit | undefined {
  let left = limits.values

  function walk(node: object, depth: number): JsonLimit | undefined {
    if (depth > limits.depth) return 'depth'
    if (Array.isArray(node)) {
      left -= node.length
      if (left < 0) return 'values'
      for (const item of node) {
        const over = typeof item === 'object' && item !== null ? walk(item, depth + 1) : undefined
        if (over !== undefined) return over
      }
      return undefined
    }
    for (const key in node) {
      if (--left < 0) return 'values'
      if (key.length > limits.nameLength) return 'nameLength'
      const item: unknown = (node as Readonly<Record<string, unknown>>)[key]
      const over = typeof item === 'object' && item !== null ? walk(item, depth + 1) : undefined
      if (over !== undefined) return over
    }
    return undefined
  }

  return typeof value === 'object' && value !== null ? walk(value, 1) : undefined
}

/** What a client reads of a limit it has passed. */
export function tooMuch(over: 'fields' | JsonLimit, limits: ArgLimits): string {
  switch (over) {
    case 'fields':
      return `There are more than ${limits.fields} fields.`
    case 'depth':
      return `The JSON is nested more than ${limits.depth} deep.`
    case 'values':
      return `The JSON has more than ${limits.values} values.`
    case 'nameLength':
      return `The JSON has a name of more than ${limits.nameLength} characters.`
    default:
      return over satisfies never
  }
}
