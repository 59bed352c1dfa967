import type { LogFields, Logger } from '../task/logger.ts'
import { humanLine } from './human-line.ts'
import { jsonLine } from './json-line.ts'
import { LOG_LEVELS, type LogLevel } from './log-level.ts'

/** How the lines of {@link createLogger} look, and where they go. */
export interface LoggerOptions {
  /** Lines below it are not written. Default `info`. */
  readonly level?: LogLevel | undefined
  /**
   * `human`: a text for people, coloured on a terminal. `json`: one object per line as pino writes it. Default: `human` on a
   * terminal, else `json`.
   */
  readonly format?: 'human' | 'json' | undefined
  /** Where lines go. Default: standard error, as Celery's worker does. */
  readonly stream?: LogStream | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Colours in `human`. Default: on a terminal, unless `NO_COLOR` is set. */
  readonly colors?: boolean | undefined
}

/** The part of a stream that is written to. */
export interface LogStream {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/**
 * Makes the logger that an app has when it is given none.
 *
 * @example
 * ```ts
 * import { createCelery, createLogger } from 'twopi/celery'
 *
 * export const celery = createCelery('school', {}, { logger: createLogger({ level: 'warn', format: 'json' }) })
 * ```
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const stream = options.stream ?? process.stderr
  const onTerminal = stream.isTTY === true
  const format = options.format ?? (onTerminal ? 'human' : 'json')
  const colors = options.colors ?? (onTerminal && (process.env.NO_COLOR ?? '') === '')
  const now = options.now ?? Date.now
  const lowest = LOG_LEVELS[options.level ?? 'info']

  const write = (level: Exclude<LogLevel, 'silent'>) => {
    if (LOG_LEVELS[level] < lowest) return () => {}
    return (fields: LogFields, text: string) => {
      const line =
        format === 'json'
          ? jsonLine({ level, time: now(), fields, text })
          : humanLine({ level, time: now(), fields, text }, colors)
      stream.write(`${line}\n`)
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
