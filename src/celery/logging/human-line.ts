import { inspect } from 'node:util'
import type { LogEntry } from './log-entry.ts'

const COLORS = { debug: 90, info: 36, warn: 33, error: 31 } as const
const NAMES = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const
const DIM = 2

/** A line for people: time, level, text, then the fields; the stack of an error below it. */
export function humanLine({ level, time, fields, text }: LogEntry, colors: boolean): string {
  const paint = (code: number, part: string) => (colors ? `\u001b[${code}m${part}\u001b[0m` : part)
  const stamp = new Date(time).toISOString().replace('T', ' ').slice(0, 23)
  const parts = [paint(DIM, `[${stamp}]`), paint(COLORS[level], NAMES[level].padEnd(7)), printable(text)]
  const stacks: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (value instanceof Error) stacks.push(printableStack(value))
    else parts.push(paint(DIM, `${printable(name)}=`) + valueText(value))
  }
  return [parts.join(' '), ...stacks].join('\n')
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return printable(inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY }))
  return /^[\w@.:/%+-]+$/.test(value) ? value : JSON.stringify(printable(value))
}

// Names of tasks come off the wire: what they hold must not start new lines, nor speak to the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

function printable(text: string): string {
  return text.replace(CONTROL, escaped)
}

function printableStack(error: Error): string {
  return stackOf(error).replace(CONTROL, (character) => (character === '\n' ? '\n' : escaped(character)))
}

/** Stack, code and causes, as in JSON. Other members of errors hold what clients were called with, tokens included. */
function stackOf(error: Error, depth = 0): string {
  const { stack, message, cause } = error
  const code = (error as { code?: unknown }).code
  const text = `${stack ?? message}${typeof code === 'string' ? ` (${code})` : ''}`
  if (cause === undefined || depth === MOST_CAUSES) return text
  return `${text}\n  [cause]: ${cause instanceof Error ? stackOf(cause, depth + 1) : String(cause)}`
}

const MOST_CAUSES = 5

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
