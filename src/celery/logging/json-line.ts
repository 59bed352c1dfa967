import { hostname } from 'node:os'
import type { LogEntry } from './log-entry.ts'
import { LOG_LEVELS } from './log-level.ts'

const host = hostname()

/** One line of JSON with pino's names, for programs that collect logs. */
export function jsonLine({ level, time, fields, text }: LogEntry): string {
  const head = { level: LOG_LEVELS[level], time, pid: process.pid, hostname: host }
  try {
    return JSON.stringify({ ...head, ...fields, msg: text }, readable)
  } catch {
    // A cycle, or a `toJSON` that throws: the text matters more than the fields.
    return JSON.stringify({ ...head, msg: text, unreadableFields: Object.keys(fields) })
  }
}

function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return errorFields(value)
  return typeof value === 'bigint' ? value.toString() : value
}

function errorFields(error: Error): object {
  const { name, message, stack, cause } = error
  const code = (error as { code?: unknown }).code
  return {
    type: name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack,
    ...(cause === undefined ? {} : { cause }),
  }
}
