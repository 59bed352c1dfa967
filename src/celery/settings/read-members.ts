import { toCamelCase } from './any-case.ts'
import { isObject, type Problem, readValue, wrong } from './read-value.ts'
import type { SettingRule } from './setting-rule.ts'

/**
 * Reads an object of options whose names are in our casing or in Python's.
 *
 * @param value - what was given
 * @param rules - by name in our casing
 * @param where - for the messages: `taskQueues.mail`
 * @returns the values by their names in our casing, those that are undefined or null left out; undefined when it is no object
 */
export function readMembers(
  value: unknown,
  rules: Readonly<Record<string, SettingRule>>,
  where: string,
  problem: Problem,
): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) {
    problem(`\`${where}\` must be an object, found something else`)
    return undefined
  }
  const read: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(value)) {
    if (one === undefined) continue
    const key = toCamelCase(name)
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule === undefined) {
      problem(`\`${where}.${name}\` is not known; known are ${Object.keys(rules).join(', ')}`)
    } else if (one !== null || rule.nullable) {
      const result = readValue(rule, one, (text) => problem(`\`${where}.${name}\` ${text}`))
      if (Object.hasOwn(read, key)) problem(`\`${where}.${key}\` is given twice, as \`${name}\` too`)
      if (result !== wrong) read[key] = result
    }
  }
  return Object.freeze(read)
}
