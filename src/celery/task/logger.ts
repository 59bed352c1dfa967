/**
 * Where lines go: fields first, then the text, as pino, Fastify and bunyan take them. Any of those may be given.
 */
export interface Logger {
  debug(fields: LogFields, text: string): void
  info(fields: LogFields, text: string): void
  warn(fields: LogFields, text: string): void
  error(fields: LogFields, text: string): void
}

/** What a line carries beside its text. An error stands under `err`. */
export type LogFields = Readonly<Record<string, unknown>>
