import { nearest } from '../../lib/nearest.ts'
import { toSnakeCase } from './any-case.ts'
import { otherSettings } from './other-settings.ts'
import type { SettingRule } from './setting-rule.ts'
import { settingTable } from './setting-table.ts'

/** A name of the table. */
export type SettingName = keyof typeof settingTable

/** The table with its lines as rules, for code that goes through them. */
export const settingRules: Readonly<Record<SettingName, SettingRule>> = settingTable

const oldPrefixes: readonly (readonly [string, string])[] = [
  ['beat_', 'CELERYBEAT_'],
  ['broker_', 'BROKER_'],
  ['control_', 'CONTROL_'],
  ['event_', 'CELERY_EVENT_'],
  ['redis_', 'CELERY_REDIS_'],
  ['result_', 'CELERY_RESULT_'],
  ['task_', 'CELERY_'],
  ['worker_', 'CELERYD_'],
  ['security_', 'CELERY_SECURITY_'],
  ['', 'CELERY_'],
]

/** The name a setting had before Celery 4: `CELERY_ACKS_LATE` of `taskAcksLate`. */
export function oldNameOf(name: string, old?: string): string {
  const snake = toSnakeCase(name)
  const [prefix = '', capitals = ''] = oldPrefixes.find(([start]) => snake.startsWith(start)) ?? []
  return old ?? capitals + snake.slice(prefix.length).toUpperCase()
}

/** The name with Django's namespace: `CELERY_TASK_ACKS_LATE` of `taskAcksLate`. */
export function djangoNameOf(name: string): string {
  return `CELERY_${toSnakeCase(name).toUpperCase()}`
}

/** Every name in every style, and the name in our casing that it stands for. */
const allNames: ReadonlyMap<string, string> = new Map([
  ...Object.entries(settingRules).flatMap(([name, { old }]) => stylesOf(name, old, false)),
  ...Object.entries(otherSettings).flatMap(([name, { old, capitals = false }]) => stylesOf(name, old, capitals)),
])

function stylesOf(name: string, old: string | undefined, capitals: boolean): (readonly [string, string])[] {
  const small = capitals ? [] : [name, toSnakeCase(name)]
  return [...small, oldNameOf(name, old), djangoNameOf(name)].map((style) => [style, name])
}

/** The setting that a name in any style means, in our casing; undefined when it is none of Celery's. */
export function settingOf(name: string): string | undefined {
  return allNames.get(name)
}

/** Begins like Celery's own, and nothing else does. */
const ours = /^(?:CELERY|BROKER_|(?:task|worker|broker|beat)(?:_|[A-Z]))/
/** Begins like Celery's own, and like much else. */
const maybeOurs = /^(?:result|event|control|redis)(?:_|[A-Z])/

/**
 * Looks at a name that is none of Celery's.
 *
 * @returns undefined when it is of somebody else, so that whole configurations can be passed; else what is to be said of it
 */
export function unknownName(name: string): string | undefined {
  const certain = ours.test(name)
  if (!certain && !maybeOurs.test(name)) return undefined
  const near = nearestName(name)
  if (near !== undefined) return `\`${name}\` is no setting of Celery; \`${near}\` is near`
  return certain ? `\`${name}\` is no setting of Celery; docs/celery-settings.md lists them` : undefined
}

/** The nearest name in the style of the one that was written. */
function nearestName(name: string): string | undefined {
  const style = /^[A-Z]/.test(name) ? /^[A-Z]/ : name.includes('_') ? /^[a-z]+_/ : /^[a-z]+[A-Z]/
  const byLower = new Map([...allNames.keys()].filter((one) => style.test(one)).map((one) => [one.toLowerCase(), one]))
  const near = nearest(name, [...byLower.keys()])
  return near === undefined ? undefined : byLower.get(near)
}
