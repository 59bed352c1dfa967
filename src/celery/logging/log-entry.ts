import type { LogFields } from '../task/logger.ts'
import type { LogLevel } from './log-level.ts'

/** What one line says. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, 'silent'>
  /** Milliseconds since 1970. */
  readonly time: number
  readonly fields: LogFields
  readonly text: string
}
