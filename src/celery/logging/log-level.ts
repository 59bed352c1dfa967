/** From what importance on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** As pino numbers them. */
export const LOG_LEVELS: Readonly<Record<LogLevel, number>> = {
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  silent: Number.POSITIVE_INFINITY,
}

const CELERY_LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  fatal: 'error',
  silent: 'silent',
}

/** Reads a level as Celery's `-l` takes it, in any case; undefined for anything else. */
export function readLogLevel(text: string): LogLevel | undefined {
  const name = text.toLowerCase()
  return Object.hasOwn(CELERY_LEVELS, name) ? CELERY_LEVELS[name] : undefined
}
