import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CliAction, CliCommand, CliOption } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands.ts'
import { cellsOf } from './markdown.ts'
import { root } from './sources.ts'

const page = readFileSync(join(root, 'docs/cli.md'), 'utf8')
const actions = actionsOf(commands, 'twopi')

function actionsOf(command: CliCommand, words: string): readonly (readonly [string, CliAction])[] {
  if (!('commands' in command)) return [[words, command]]
  return Object.entries(command.commands).flatMap(([word, inner]) => actionsOf(inner, `${words} ${word}`))
}

/** The options that a section's tables describe, as they are typed: `-A`, `--app FILE[:NAME]`. */
function describedIn(text: string, words: string): readonly string[] {
  const [, section = ''] = text.split(new RegExp(`^## \`${words}(?: \\[[A-Z]+\\])?\`$`, 'm'))
  return section
    .slice(0, section.search(/^## /m))
    .split('\n')
    .flatMap((line) => [...(cellsOf(line)?.[0] ?? '').matchAll(/`(-[^`]+)`/g)].map(([, typed = '']) => typed))
}

const typedOf = (options: Readonly<Record<string, CliOption>>): readonly string[] =>
  Object.entries(options).flatMap(([name, { short, value }]) => [
    ...(short === undefined ? [] : [`-${short}`]),
    value === undefined ? `--${name}` : `--${name} ${value}`,
  ])

describe('the page of the command line', () => {
  it.each(actions)('describes every option of %s, and none that is not there', (words, { options }) => {
    expect(describedIn(page, words)).toEqual(expect.arrayContaining([...typedOf(options)]))
    expect(typedOf(options)).toEqual(expect.arrayContaining([...describedIn(page, words)]))
  })

  it('would be caught with an option that does not exist', () => {
    const planted = page.replace('| `--deadline SECONDS`', '| `--deadlines SECONDS`')
    expect(describedIn(planted, 'twopi celery worker')).toContain('--deadlines SECONDS')
    expect(describedIn(planted, 'twopi celery worker')).not.toContain('--deadline SECONDS')
  })
})
