/**
 * A copy of a JSON value, as a store would give it back. Members that are undefined are left out, as JSON has it.
 *
 * @param name - how the value is called in messages
 * @throws TypeError for what JSON would change or lose: dates, maps, numbers that are not finite, circles; it names the place and never the value
 */
export function jsonCopy(value: unknown, name: string): unknown {
  assertJson(value, name, [])
  return JSON.parse(JSON.stringify(value)) as unknown
}

function assertJson(value: unknown, path: string, around: readonly object[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value !== 'object')
    throw new TypeError(message(path, typeof value === 'number' ? String(value) : typeof value))
  if (around.includes(value)) throw new TypeError(message(path, 'an object that contains it'))
  const inner = [...around, value]
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) assertJson(value[i], `${path}[${i}]`, inner)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  // A plain object of another realm has a prototype of its own, whose prototype is null.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw new TypeError(message(path, className(value)))
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) assertJson(member, `${path}.${key}`, inner)
  }
}

function className(value: object): string {
  const name: unknown = (value.constructor as { readonly name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'
}

function message(path: string, found: string): string {
  return `\`${path}\` must be a JSON value (null, text, number, boolean, list or plain object), found ${found}; a store could not give it back.`
}
