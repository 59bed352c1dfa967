import { isDeepStrictEqual } from 'node:util'
import { assertNoProblems } from '../../lib/problems.ts'
import { checkTogether } from './check-together.ts'
import { otherSettings, storeFamilies } from './other-settings.ts'
import { readRetryPolicy } from './read-retry-policy.ts'
import { readUrlSetting } from './read-url-setting.ts'
import { type Problem, readValue, wrong } from './read-value.ts'
import { type SettingName, settingOf, settingRules, unknownName } from './setting-names.ts'
import type { SettingRule } from './setting-rule.ts'
import type { CeleryConfig, Settings } from './settings.ts'
import { readTaskQueues } from './task-queues.ts'
import { readTaskRoutes } from './task-routes.ts'

export interface ReadSettingsOptions {
  /** Where `CELERY_BROKER_URL` and the like are looked for first. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
}

/** What the environment says wins over the configuration, as in Celery. */
const fromEnvironment: Readonly<Record<string, SettingName>> = {
  CELERY_BROKER_URL: 'brokerUrl',
  CELERY_BROKER_READ_URL: 'brokerReadUrl',
  CELERY_BROKER_WRITE_URL: 'brokerWriteUrl',
  CELERY_RESULT_BACKEND: 'resultBackend',
}

/** A value, and the name by which it was given. */
interface Given {
  readonly name: string
  readonly value: unknown
}

/**
 * Reads a configuration: all names of all styles, mixed as one likes, because each name means one setting. The same setting
 * given twice with different values is a mistake, and so is a name that looks like Celery's and is none.
 *
 * @throws TypeError with every mistake there is, by the names as they were written; never with a text that was given
 */
export function readSettings(config: CeleryConfig = {}, options: ReadSettingsOptions = {}): Settings {
  const { environment = process.env } = options
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new TypeError('settings of Celery: must be an object, found something else')
  }
  const problems: string[] = []
  const problem: Problem = (text) => void problems.push(text)
  const ignored: string[] = []
  const given = new Map<SettingName, Given>()
  collect(config, given, ignored, problem)
  for (const [variable, name] of Object.entries(fromEnvironment)) {
    const value = environment[variable]
    if (value) given.set(name, { name: variable, value })
  }
  const values = readAll(given, problem)
  const settings = complete(values)
  checkTogether(settings as unknown as Settings, given, problem)
  assertNoProblems('settings of Celery', problems)
  return Object.freeze({
    ...settings,
    ignored: Object.freeze(ignored),
    given: new Set(given.keys()),
  }) as unknown as Settings
}

function collect(config: object, given: Map<SettingName, Given>, ignored: string[], problem: Problem): void {
  const entries = Object.entries(config).flatMap(([name, value]) =>
    name === 'CELERY' && typeof value === 'object' && value !== null ? Object.entries(value) : [[name, value] as const],
  )
  for (const [name, value] of entries) {
    if (value === undefined) continue
    const setting = settingOf(name)
    if (setting !== undefined && Object.hasOwn(settingRules, setting)) {
      add(setting as SettingName, { name, value }, given, problem)
    } else if (setting !== undefined) {
      const { instead } = otherSettings[setting] ?? {}
      if (instead === undefined) ignored.push(name)
      else if (value !== null) problem(`\`${name}\` ${instead}`)
    } else if (storeFamilies.test(name)) ignored.push(name)
    else {
      const text = unknownName(name)
      if (text !== undefined) problem(text)
    }
  }
  // Django's own time zone, when Celery is told none.
  const timeZone = (config as { TIME_ZONE?: unknown }).TIME_ZONE
  if (timeZone && !given.has('timezone')) given.set('timezone', { name: 'TIME_ZONE', value: timeZone })
}

function add(setting: SettingName, one: Given, given: Map<SettingName, Given>, problem: Problem): void {
  const { value } = one
  const { kind, nullable, offByZero } = settingRules[setting]
  const isNothing = value === null ? !(nullable || offByZero) : value === '' && kind === 'url'
  if (isNothing) return
  const other = given.get(setting)
  if (other === undefined) given.set(setting, one)
  else if (!isDeepStrictEqual(other.value, value)) {
    problem(`\`${other.name}\` and \`${one.name}\` are one setting and differ; give one of them`)
  }
}

function readAll(given: ReadonlyMap<SettingName, Given>, problem: Problem): Map<SettingName, unknown> {
  const values = new Map<SettingName, unknown>()
  for (const [setting, { name, value }] of given) {
    const result = readOne(setting, name, value, problem)
    if (result !== wrong) values.set(setting, result)
  }
  return values
}

function readOne(setting: SettingName, name: string, value: unknown, problem: Problem): unknown {
  const rule: SettingRule = settingRules[setting]
  switch (rule.kind) {
    case 'url':
      return readUrlSetting(value, name, problem)
    case 'queues':
      return readTaskQueues(value, name, problem)
    case 'routes':
      return readTaskRoutes(value, name, problem)
    case 'policy':
      return readRetryPolicy(value, name, problem)
    default:
      return readValue(rule, value, (text) => problem(`\`${name}\` ${text}`))
  }
}

/** Every setting of the table: given, like another one, or by default. */
function complete(values: ReadonlyMap<SettingName, unknown>): Readonly<Record<SettingName, unknown>> {
  const settingValue = (name: SettingName): unknown => {
    if (values.has(name)) return values.get(name)
    const { sameAs, default: fallback } = settingRules[name]
    return sameAs === undefined ? Object.freeze(fallback) : settingValue(sameAs as SettingName)
  }
  const names = Object.keys(settingRules) as SettingName[]
  const settings = Object.fromEntries(names.map((name) => [name, settingValue(name)])) as Record<SettingName, unknown>
  settings.timezone ??= settings.enableUtc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!values.has('resultBackend') && String(settings.brokerWriteUrl).startsWith('memory:'))
    settings.resultBackend = 'memory://'
  return settings
}
