import type { AnyCase } from './any-case.ts'
import type { KindInputs, KindTypes } from './setting-kinds.ts'
import type { SettingName } from './setting-names.ts'
import type { settingTable } from './setting-table.ts'

type Table = typeof settingTable

/** A value of one line of the table: with `oneOf` one of these; undefined where nothing says otherwise. */
type Of<Rule, Kinds> = Rule extends { oneOf: readonly (infer Word)[] }
  ? Word
  : Rule extends { kind: infer Kind extends keyof Kinds }
    ? Kinds[Kind]
    : never

type Off<Rule> = Rule extends { nullable: true } | { offByZero: true } ? undefined : never
type Missing<Rule> = Rule extends { default: unknown } | { sameAs: string } ? never : undefined

/**
 * Celery's settings, checked, with the defaults of Celery 5.6 but for broker and result store, which are `memory://`. All times
 * are seconds. What is off or has no default is undefined.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html
 */
export type Settings = {
  readonly [Name in keyof Table]: Name extends 'timezone'
    ? string
    : Name extends 'brokerUrl' | 'brokerReadUrl' | 'brokerWriteUrl'
      ? string
      : Of<Table[Name], KindTypes> | Off<Table[Name]> | Missing<Table[Name]>
} & SettingsFacts

interface SettingsFacts {
  /** Names, as they were written, of settings that mean something in Python alone: to be warned of once. */
  readonly ignored: readonly string[]
  /** What the configuration or the environment said; all else is by default. */
  readonly given: ReadonlySet<SettingName>
}

type Inputs = {
  readonly [Name in keyof Table]?: Of<Table[Name], KindInputs> | null | undefined
}

/**
 * A configuration: Celery's settings by their names in our casing (`taskAcksLate`), today's names of Python (`task_acks_late`),
 * those with Django's namespace (`CELERY_TASK_ACKS_LATE`) or those before Celery 4 (`CELERY_ACKS_LATE`). Names of others
 * (`SECRET_KEY`) may stand beside them.
 */
export type CeleryConfig = AnyCase<Inputs> & {
  readonly CELERY_BROKER_URL?: string | readonly string[] | null | undefined
  readonly CELERY_RESULT_BACKEND?: string | null | undefined
  /** All settings below one name, as Flask's documentation has them. */
  readonly CELERY?: CeleryConfig | null | undefined
  readonly [name: string]: unknown
}
