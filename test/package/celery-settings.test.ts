import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cellsOf } from './markdown.ts'
import { settingRows } from './setting-rows.ts'
import { root } from './sources.ts'

const page = readFileSync(join(root, 'docs/celery-settings.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| `[a-z]\w*` +\| `[A-Z]/.test(line))
  .flatMap((line) => [cellsOf(line) ?? []])

describe('the page of settings', () => {
  it('has every setting with its older name, kind and default, in the order of the table', () => {
    expect(rows.map((cells) => cells.slice(0, 4))).toEqual(settingRows())
  })

  it('says of each what it is for', () => {
    expect(rows.filter((cells) => (cells[4] ?? '').length < 5).map(([name]) => name)).toEqual([])
  })
})
