import type { CliAction, CliCommand, CliOption } from './command.ts'

/** Makes a text stand out, or leaves it as it is where there are no colours. */
export type Emphasis = (text: string) => string

const always: Readonly<Record<string, CliOption>> = { help: { type: 'boolean', short: 'h', summary: 'show this help' } }

/**
 * The help of a command: what it is for, how it is typed, what may follow, lines to try.
 *
 * @param words - the words that lead to it, `['twopi', 'release']`
 */
export function formatHelp(command: CliCommand, words: readonly string[], strong: Emphasis): string {
  const isTop = words.length === 1
  const name = words.join(' ')
  const blocks = [command.summary]
  if ('commands' in command) {
    blocks.push(`${strong('Usage:')} ${name} <command> [options]`)
    const rows = Object.entries(command.commands).map(([word, { summary }]) => [word, summary] as const)
    blocks.push(block('Commands:', rows, strong))
  } else {
    blocks.push(`${strong('Usage:')} ${[name, command.usage, '[options]'].filter(Boolean).join(' ')}`)
    if (command.details !== undefined) blocks.push(command.details)
  }
  blocks.push(block('Options:', optionRows(command, isTop), strong))
  blocks.push(block('Examples:', command.examples, strong))
  if (isTop)
    blocks.push(
      block(
        'Exit codes:',
        [
          ['0', 'done'],
          ['1', 'it could not be done'],
          ['2', 'the command line is wrong'],
        ],
        strong,
      ),
    )
  if ('commands' in command) blocks.push(`\`${name} <command> --help\` tells more.`)
  return blocks.join('\n\n')
}

function optionRows(command: CliCommand, isTop: boolean): (readonly [string, string])[] {
  const own: CliAction['options'] = 'commands' in command ? {} : command.options
  const top: CliAction['options'] = isTop ? { version: { type: 'boolean', summary: 'print the version of twopi' } } : {}
  return Object.entries({ ...own, ...top, ...always }).map(([name, { short, value, summary }]) => [
    `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    summary,
  ])
}

function block(title: string, rows: readonly (readonly [string, string])[], strong: Emphasis): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return [strong(title), ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join('\n')
}
