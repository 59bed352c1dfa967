import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { nearest } from '../lib/nearest.ts'
import { isTwopiError } from '../lib/twopi-error.ts'
import type { CliAction, CliCommand, CliGroup, CliOutput } from './command.ts'
import { commands } from './commands.ts'
import { UsageError } from './errors.ts'
import { type Emphasis, formatHelp } from './help.ts'

/** The world outside, as far as a command line sees it. */
export interface CliWorld extends CliOutput {
  /** Emphasis for what goes to stdout, and for what goes to stderr. */
  readonly strong: { readonly out: Emphasis; readonly note: Emphasis }
}

/**
 * Runs a command line.
 *
 * @param args - what was typed after `twopi`
 * @returns the exit code: 0 done, 1 it could not be done, 2 the command line is wrong
 */
export async function run(args: readonly string[], world: CliWorld): Promise<number> {
  try {
    return await walk(commands, ['twopi'], args[0] === 'help' ? [...args.slice(1), '--help'] : args, world)
  } catch (error) {
    world.note(`${world.strong.note('error:')} ${describe(error)}`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function walk(
  command: CliCommand,
  words: readonly string[],
  args: readonly string[],
  world: CliWorld,
): Promise<number> {
  if (!('commands' in command)) return await act(command, words, args, world)
  const [word, ...rest] = args
  if (word === '--help' || word === '-h') {
    world.out(formatHelp(command, words, world.strong.out))
    return 0
  }
  if (word === '--version' && words.length === 1) {
    if (rest.length > 0)
      throw new UsageError(`\`twopi --version\` takes nothing else, found \`${rest.join(' ')}\`; ${seeHelp(words)}`)
    world.out(readVersion())
    return 0
  }
  if (word === undefined) {
    world.note(formatHelp(command, words, world.strong.note))
    return 2
  }
  const next = Object.hasOwn(command.commands, word) ? command.commands[word] : undefined
  if (next === undefined) throw new UsageError(unknownWord(word, words, command, rest))
  return await walk(next, [...words, word], rest, world)
}

async function act(
  action: CliAction,
  words: readonly string[],
  args: readonly string[],
  world: CliWorld,
): Promise<number> {
  const { values, positionals } = parse(action, words, args)
  if (values['help'] === true) {
    world.out(formatHelp(action, words, world.strong.out))
    return 0
  }
  if (positionals.length > action.maxPositionals) {
    throw new UsageError(
      `\`${words.join(' ')}\` takes ${action.usage || 'no words'} and options, found \`${positionals.join(' ')}\`; ${seeHelp(words)}`,
    )
  }
  return (await action.run({ options: values, positionals }, world)) ?? 0
}

function parse({ options }: CliAction, words: readonly string[], args: readonly string[]) {
  try {
    const help = { type: 'boolean', short: 'h' } as const
    return parseArgs({ args: [...args], options: { ...options, help }, allowPositionals: true, strict: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS')) throw error
    throw new UsageError(`${explain(code, error as Error, Object.keys(options))}; ${seeHelp(words)}`)
  }
}

function explain(code: string, { message }: Error, names: readonly string[]): string {
  const typed = /'-{0,2}([^' ]+)/.exec(message)?.[1] ?? ''
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return message.split(/\.?(?:\n|$)/, 1)[0] ?? message
  const near = nearest(typed, [...names, 'help'])
  return `unknown option \`${typed.length === 1 ? '-' : '--'}${typed}\`${near === undefined ? '' : `, did you mean \`--${near}\`?`}`
}

function unknownWord(word: string, words: readonly string[], { commands }: CliGroup, rest: readonly string[]): string {
  const known = Object.keys(commands)
  const near = nearest(word, known)
  const later = word.startsWith('-') ? rest.find((one) => known.includes(one)) : undefined
  if (later !== undefined) {
    return `options come after the commands: \`${[...words, later].join(' ')} … ${word}\`; ${seeHelp(words)}`
  }
  const kind = word.startsWith('-') ? 'option' : 'command'
  const hint = near === undefined ? '' : `, did you mean \`${[...words, near].join(' ')}\`?`
  return `unknown ${kind} \`${[...words, word].join(' ')}\`${hint}; ${seeHelp(words)}`
}

function seeHelp(words: readonly string[]): string {
  return `see \`${words.join(' ')} --help\``
}

/** In one line what the user can mend; a fault of our own with its stack, so that it can be reported. */
function describe(error: unknown): string {
  if (error instanceof UsageError || isTwopiError(error)) return error.message
  if (error instanceof TypeError) return error.message.replace(/\s*\n\s*/g, ' ') // an option that the library refuses
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
