/**
 * One text for one set of filters, whatever the order of its names; names that are undefined count as not there.
 *
 * @throws TypeError for what has no such text: functions, symbols, objects with a class of their own
 */
export function filtersText(value: unknown): string {
  return JSON.stringify(toPlain(value, 0))
}

// Filters come from requests, so they may be nested as deep as these allow.
const MAX_DEPTH = 100

/** Kinds that JSON has not are written as a list with a name first, so every list has one: `['list', …]`. */
function toPlain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError(`\`filters\` must not be nested more than ${MAX_DEPTH} levels deep`)
  if (value === undefined) return ['undefined']
  if (typeof value === 'bigint') return ['bigint', String(value)]
  // JSON writes these three as `null`.
  if (typeof value === 'number' && !Number.isFinite(value)) return ['number', String(value)]
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (value instanceof Date) return ['date', value.getTime()]
  if (Array.isArray(value)) return ['list', ...value.map((item) => toPlain(item, depth + 1))]
  if (typeof value !== 'object' || !isPlain(value)) {
    throw new TypeError('`filters` must hold texts, numbers, booleans, dates, lists and plain objects only')
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return ['object', ...entries.map(([name, item]) => [name, toPlain(item, depth + 1)])]
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
