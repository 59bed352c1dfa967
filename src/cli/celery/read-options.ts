import type { LogLevel } from '../../celery/logging/log-level.ts'
import { readLogLevel } from '../../celery/logging/log-level.ts'
import type { CliInput } from '../command.ts'
import { UsageError } from '../errors.ts'

type Options = CliInput['options']

/** The text of an option; undefined when it is not given. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** A list separated by commas; undefined when it is not given. */
export function listOption(options: Options, name: string): readonly string[] | undefined {
  const items = textOption(options, name)
    ?.split(',')
    .map((item) => item.trim())
  if (items?.some((item) => item === '')) {
    throw new UsageError(
      `\`--${name}\` must be names separated by commas, found an empty one in \`${items.join(',')}\``,
    )
  }
  return items
}

/** A number that is not below `least`; undefined when it is not given. */
export function numberOption(
  options: Options,
  name: string,
  { least, whole }: { readonly least: number; readonly whole: boolean },
): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && (whole ? Number.isSafeInteger(value) : Number.isFinite(value * 1000))) return value
  throw new UsageError(
    `\`--${name}\` must be a ${whole ? 'whole number' : 'number'} from ${least} on, found \`${text}\``,
  )
}

/** One of some words; undefined when it is not given. */
export function choiceOption<Choice extends string>(
  options: Options,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const choice = choices.find((candidate) => candidate === text)
  if (choice !== undefined) return choice
  throw new UsageError(`\`--${name}\` must be ${choices.map((word) => `\`${word}\``).join(' or ')}, found \`${text}\``)
}

/** A level as Celery's `-l` takes it. Default `info`. */
export function levelOption(options: Options, name: string): LogLevel {
  const text = textOption(options, name) ?? 'info'
  const level = readLogLevel(text)
  if (level !== undefined) return level
  throw new UsageError(`\`--${name}\` must be debug, info, warning, error or critical, found \`${text}\``)
}
