import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeFaults, codePlaces } from './error-codes.ts'
import { parseFile, readFiles, root } from './sources.ts'

const page = { file: 'docs/errors.md', text: readFileSync(join(root, 'docs/errors.md'), 'utf8') }

describe('the page of error codes', () => {
  it('has every code of the sources, and no other', () => {
    expect(codeFaults(codePlaces(readFiles('src', '.ts').map(parseFile)), page)).toEqual([])
  })
})

describe('the check of error codes finds', () => {
  const planted = [
    {
      file: 'src/a.ts',
      text: "export type Code = 'ERR_A_TYPE'\n/** Throws `ERR_A_COMMENT`. */\nexport const a = 'ERR_A_CODE'",
    },
    {
      file: 'src/b.ts',
      text: "export const b = 'ERR_MODULE_NOT_FOUND' // of Node\nexport const c = `ERR_B: $" + '{b}`',
    },
  ].map(parseFile)
  const faults = (...rows: string[]) =>
    codeFaults(codePlaces(planted), { file: 'docs/errors.md', text: rows.join('\n') })
  const row = (code: string, rest = '| 400 | meaning | remedy |') => `| \`${code}\` ${rest}`
  const good = [
    row('ERR_A_TYPE'),
    row('ERR_A_COMMENT'),
    row('ERR_A_CODE', '| — | m | r |'),
    row('ERR_B', '| 400, 422 | m | r |'),
  ]

  it('codes of types, strings, templates and comments that the page has not', () => {
    expect(faults()).toEqual([
      'src/a.ts:1: ERR_A_TYPE is not in docs/errors.md',
      'src/a.ts:3: ERR_A_CODE is not in docs/errors.md',
      'src/b.ts:2: ERR_B is not in docs/errors.md',
      'src/a.ts:2: ERR_A_COMMENT is not in docs/errors.md',
    ])
  })

  it('codes of the page that are in no source, or only in a comment', () => {
    expect(faults(...good, row('ERR_GONE'))).toEqual([
      'docs/errors.md:2: ERR_A_COMMENT is in no source',
      'docs/errors.md:5: ERR_GONE is in no source',
    ])
  })

  it('a code with two rows, and rows that say too little', () => {
    const found = faults(...good, row('ERR_B'), row('ERR_A_CODE', '| 4xx | | |')).filter(
      (fault) => !fault.includes(':2:'),
    )
    expect(found).toEqual([
      'docs/errors.md:6: ERR_A_CODE has two rows',
      'docs/errors.md:6: ERR_A_CODE has the status "4xx"; write numbers, or "—" for none',
      'docs/errors.md:6: ERR_A_CODE has no meaning',
      'docs/errors.md:6: ERR_A_CODE does not say what to do',
      'docs/errors.md:5: ERR_B has two rows',
    ])
  })

  it('nothing to compare in an example, which may invent codes', () => {
    const text = '/**\n * @example\n * ```ts\n * fail("ERR_INVENTED")\n * ```\n */\nexport const a = 1'
    expect(codePlaces([parseFile({ file: 'src/a.ts', text })])).toEqual({ inCode: new Map(), inComments: new Map() })
  })
})
