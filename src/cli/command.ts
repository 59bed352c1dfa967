import type { ParseArgsConfig } from 'node:util'

/** An option as `parseArgs` takes it, with a line for the help. */
export type CliOption = NonNullable<ParseArgsConfig['options']>[string] & {
  readonly summary: string
  /** What stands for the value in the help: `DIR`. */
  readonly value?: string
}

/** Where a command writes. Only its result goes to `out`; everything said to a person goes to `note`. */
export interface CliOutput {
  /** Writes a line of the result to stdout. */
  readonly out: (line: string) => void
  /** Writes a line for a person to stderr. */
  readonly note: (line: string) => void
}

/** What was typed after the command. */
export interface CliInput {
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

interface CommandHelp {
  readonly summary: string
  /** Lines to try, each with what it does. */
  readonly examples: readonly (readonly [line: string, effect: string])[]
}

/** A word that does something. */
export interface CliAction extends CommandHelp {
  /** What may follow the words: `[VERSION]`. */
  readonly usage: string
  readonly maxPositionals: number
  readonly options: Readonly<Record<string, CliOption>>
  /** Details for the help: where values come from, what is printed. */
  readonly details?: string
  /** Returns the exit code; 0 when it returns nothing. A thrown TwopiError or TypeError is told and exits with 1. */
  readonly run: (input: CliInput, output: CliOutput) => number | undefined | Promise<number | undefined>
}

/** A word that other words follow. */
export interface CliGroup extends CommandHelp {
  readonly commands: Readonly<Record<string, CliCommand>>
}

export type CliCommand = CliAction | CliGroup
