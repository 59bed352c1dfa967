import { candidates, TextList } from './candidates.ts'
import { type Checked, check, type PathIssue } from './check-schema.ts'
import { declaredKeys, nodeAt } from './declared-keys.ts'
import { readIssue } from './issue-data.ts'
import { type Entry, pathKey } from './read-sources.ts'

/**
 * One text on its way to its schema. `at` says which of its candidates the schema sees now; it only grows, and when the
 * schema refused the last one, the slot is `final`: it shows its text again and reports one of the issues it met.
 */
interface Slot {
  readonly path: readonly PropertyKey[]
  readonly values: readonly unknown[]
  readonly met: PathIssue[]
  at: number
  final: PathIssue | undefined
}

/**
 * Offers the entries to the schema, texts as texts first. Whatever the schema refuses at exactly the place of a text is
 * offered again as the next thing the text may stand for, until the schema accepts all or nothing is left to offer.
 */
export function offerValues(schema: unknown, entries: ReadonlyMap<string, Entry>): Checked {
  const slots = new Map<string, Slot>()
  const objects = new Map<string, readonly PropertyKey[]>([['', []]])
  for (const { path, value, kind } of entries.values()) {
    const values =
      kind === 'override' ? [value] : candidates(String(value), declaredKeys(nodeAt(schema, path)) !== undefined)
    if (value !== undefined) addSlot(slots, path, values)
  }
  for (;;) {
    const result = check(schema, build(slots, objects))
    if (result.issues === undefined) return result
    let moved = false
    const done = new Set<string>() // a field with two issues moves one step, not two
    for (const found of result.issues) {
      const key = pathKey(found.path)
      if (done.has(key)) continue
      done.add(key)
      const slot = slots.get(key)
      if (slot !== undefined) moved = advance(slots, slot, found) || moved
      else if (
        !objects.has(key) &&
        isUnset(slots, found.path) &&
        declaredKeys(nodeAt(schema, found.path)) !== undefined
      ) {
        objects.set(key, found.path) // an empty object, so that the schema names each of the keys it wants
        moved = true
      }
    }
    if (!moved) return { issues: settle(result.issues, slots) }
  }
}

function addSlot(slots: Map<string, Slot>, path: readonly PropertyKey[], values: readonly unknown[]): void {
  slots.set(pathKey(path), { path, values, met: [], at: 0, final: undefined })
}

function advance(slots: Map<string, Slot>, slot: Slot, found: PathIssue): boolean {
  if (slot.final !== undefined || slot.values.length === 1) return false
  slot.met.push(found)
  const current = slot.values[slot.at]
  if (current instanceof TextList) {
    for (const index of current.texts.keys()) slots.delete(pathKey([...slot.path, index]))
  }
  slot.at += 1
  const next = slot.values[slot.at]
  if (slot.at === slot.values.length) {
    slot.at = 0
    slot.final = mostTelling(slot.met)
  } else if (next instanceof TextList) {
    for (const [index, text] of next.texts.entries()) addSlot(slots, [...slot.path, index], candidates(text, true))
  }
  return true
}

/**
 * Of what the schema said about each thing that a text may stand for: `5005.5` is no text where a number is wanted, and no
 * whole number either, and the second is what to tell.
 */
function mostTelling(met: readonly PathIssue[]): PathIssue | undefined {
  const about = met.map(({ issue }) => readIssue(issue).about)
  const detail = about.lastIndexOf('detail')
  return detail === -1 ? (met[about.indexOf('choice')] ?? met[0]) : met[detail]
}

/** Tells whether nothing was given for a path, nor for a whole that it is a part of. */
function isUnset(slots: ReadonlyMap<string, Slot>, path: readonly PropertyKey[]): boolean {
  return path.every((_, index) => !slots.has(pathKey(path.slice(0, index + 1))))
}

function build(slots: ReadonlyMap<string, Slot>, objects: ReadonlyMap<string, readonly PropertyKey[]>): unknown {
  const root: Record<PropertyKey, unknown> = {}
  for (const path of objects.values()) place(root, path, undefined)
  for (const { path, values, at } of slots.values()) {
    const value = values[at]
    // A list's own slot comes before those of its elements, which fill it.
    place(root, path, value instanceof TextList ? [] : value)
  }
  return root
}

function place(root: Record<PropertyKey, unknown>, path: readonly PropertyKey[], value: unknown): void {
  let node = root
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    if (isLast && value !== undefined) define(node, key, value)
    else if (!Object.hasOwn(node, key)) define(node, key, {})
    node = node[key] as Record<PropertyKey, unknown>
  }
}

function define(node: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true })
}

function settle(issues: readonly PathIssue[], slots: ReadonlyMap<string, Slot>): PathIssue[] {
  const settled = new Set<PathIssue>()
  for (const found of issues) settled.add(slots.get(pathKey(found.path))?.final ?? found)
  return [...settled]
}
