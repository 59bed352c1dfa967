/** What values of a setting may be. `setting-kinds.ts` has the types. */
export type SettingKind =
  | 'flag'
  | 'seconds'
  | 'integer'
  | 'number'
  | 'text'
  | 'texts'
  | 'options'
  | 'objects'
  | 'anything'
  | 'url'
  | 'tls'
  | 'rate'
  | 'mode'
  | 'exchangeType'
  | 'queues'
  | 'routes'
  | 'policy'

/** What is known of a setting. The table of settings is made of these. */
export interface SettingRule {
  readonly kind: SettingKind
  /** Absent: undefined. */
  readonly default?: unknown
  /** The setting whose value is taken when this one is not given. */
  readonly sameAs?: string
  /** Null turns it off: the value is then undefined. */
  readonly nullable?: true
  /** Null and 0 turn it off. */
  readonly offByZero?: true
  /** The name before Celery 4, where it is not made by the rule. */
  readonly old?: string
  readonly oneOf?: readonly string[]
  /** Least and greatest number. */
  readonly min?: number
  readonly max?: number
  /** Part of a message or a result is read by it: pickle is refused by name. */
  readonly format?: true
}
