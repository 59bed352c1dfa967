import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingRules } from '../../src/celery/settings/setting-names.ts'
import { WITHOUT_EFFECT } from '../../src/celery/settings/without-effect.ts'
import { cellsOf } from './markdown.ts'
import { readFiles, root } from './sources.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('docs/celery-compatibility.md')
const rows = rowsOf(page)

/** The rows of its tables, without heads and lines. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .flatMap((line) => [cellsOf(line) ?? []])
    .filter((cells) => cells.length > 0 && cells[0] !== 'Celery' && !/^-+$/.test(cells[0] ?? ''))
}

/** Rows that do not say `yes`, `partly` or `no`, and what that means. */
function rowFaults(table: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return table.filter(
    ([feature = '', word = '', reason = '', ...more]) =>
      feature === '' || !['yes', 'partly', 'no'].includes(word) || reason.length < 8 || more.length > 0,
  )
}

/** Settings that no code asks for, apart from what reads and checks them. */
function settingsWithoutUse(): readonly string[] {
  const sources = readFiles('src/celery', '.ts')
    .filter(({ file }) => !/settings\/(setting-|settings\.ts|without-effect)/.test(file))
    .map(({ text }) => text)
    .join('\n')
  const words = new Set(sources.match(/\w+/g))
  return Object.keys(settingRules).filter((name) => !words.has(name))
}

describe('the page of compatibility with Celery', () => {
  it('says of each feature yes, partly or no, and why', () => {
    expect(rows.length).toBeGreaterThan(100)
    expect(rowFaults(rows)).toEqual([])
  })

  it('names each feature of a part once', () => {
    for (const part of page.split(/^## /m)) {
      const names = rowsOf(part).map(([feature]) => feature)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('lists the settings that no code asks for', () => {
    const list = page.slice(page.indexOf('## Settings that change nothing yet'))
    expect([...list.matchAll(/`([a-z]\w*)`/g)].map(([, name]) => name).toSorted()).toEqual(
      [...settingsWithoutUse()].toSorted(),
    )
    expect([...WITHOUT_EFFECT].toSorted()).toEqual([...settingsWithoutUse()].toSorted())
  })

  it.each(['README.md', 'docs/README.md', 'docs/celery.md'])('is linked from %s', (file) => {
    expect(read(file)).toMatch(/\]\((docs\/)?celery-compatibility\.md\)/)
  })
})

describe('its check finds', () => {
  it.each([
    ['a word that is none of the three', '| pools | some | there are others |'],
    ['a word without a reason', '| pools | partly | |'],
    ['a row without a feature', '| | yes | as in Celery |'],
    ['a row that is cut in four', '| a | yes | one of them | another |'],
  ])('%s', (_what, line) => {
    expect(rowFaults(rowsOf(`| Celery | here | what differs |\n| --- | --- | --- |\n${line}`))).toHaveLength(1)
  })
})
