import type { LogFields, Logger } from '../task/logger.ts'

/** A logger whose lines all carry some fields. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  return {
    debug: (more, text) => logger.debug({ ...fields, ...more }, text),
    info: (more, text) => logger.info({ ...fields, ...more }, text),
    warn: (more, text) => logger.warn({ ...fields, ...more }, text),
    error: (more, text) => logger.error({ ...fields, ...more }, text),
  }
}
