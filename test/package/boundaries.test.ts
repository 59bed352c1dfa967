import { describe, expect, it } from 'vitest'
import { boundaryFaults, fileGraph, loops, type Rules, tableFaults, tableGraph } from './boundaries.ts'
import { folders, tops } from './folders.ts'
import { indexFaults } from './shape.ts'
import { parseFile, readFiles } from './sources.ts'

const sources = readFiles('src', '.ts').map(parseFile)

describe('the sources', () => {
  it('import only what the table allows their folder', () => {
    expect(boundaryFaults(sources, folders)).toEqual([])
  })

  it('have every folder in the table, and only planned rows without a folder', () => {
    expect(tableFaults(sources, folders)).toEqual([])
  })

  it('have no import loops, those of types included', () => {
    expect(loops(fileGraph(sources))).toEqual([])
  })

  it('have index files that are lists of named exports, and no default exports or imports for effect', () => {
    expect(indexFaults(sources)).toEqual([])
  })
})

describe('the table', () => {
  it('has no loop of folders', () => {
    expect(loops(tableGraph(folders))).toEqual([])
  })

  it('lets nobody import the command line, `sentry` or `testing`', () => {
    const imported = Object.values(folders).flatMap(({ imports }) => imports)
    expect(imported.filter((name) => tops.includes(name))).toEqual([])
  })

  it('lets no adapter name a feature and no feature name an adapter', () => {
    const adapters = Object.entries(folders).filter(([folder]) => folder.startsWith('adapters/'))
    const reached = adapters.flatMap(([, { imports }]) => imports)
    expect(reached.filter((name) => name !== 'http' && !name.startsWith('adapters/'))).toEqual([])
    const others = Object.entries(folders).filter(([folder]) => !folder.startsWith('adapters/'))
    expect(others.filter(([, { imports }]) => imports.some((name) => name.startsWith('adapters/')))).toEqual([])
  })
})

describe('the checks find', () => {
  const rules: Rules = {
    lib: { imports: [], lookups: { 'a.ts': 'node:crypto' }, reason: '' },
    http: { imports: [], packages: { cookie: 'value' }, reason: '' },
    restful: { imports: ['http', 'db/session.ts'], reason: '' },
    db: { imports: [], packages: { pg: 'lazy' }, node: true, reason: '' },
    'adapters/express': { imports: ['http'], packages: { express: 'type', '@scope/x': 'type' }, reason: '' },
  }
  const planted = (file: string, text: string) => [parseFile({ file, text })]
  const faults = (file: string, text: string) => boundaryFaults(planted(file, text), rules)

  it.each([
    [
      'an import that points back up',
      'src/http/body.ts',
      "import { a } from '../restful/a.ts'",
      'may import only `lib`',
    ],
    ['a type import that points back up', 'src/lib/a.ts', "import type { A } from '../http/a.ts'", 'src/http/a.ts'],
    [
      'an import() that points back up',
      'src/lib/a.ts',
      "export const a = () => import('../http/a.ts')",
      'src/http/a.ts',
    ],
    ['a re-export that points back up', 'src/lib/a.ts', "export { a } from '../http/a.ts'", 'src/http/a.ts'],
    ['an import type expression', 'src/lib/a.ts', "export type A = import('../http/a.ts').A", 'src/http/a.ts'],
    ['an index imported from inside', 'src/restful/a.ts', "import { a } from '../http/index.ts'", 'the index'],
    ['its own index imported', 'src/http/a.ts', "import { a } from './index.ts'", 'the index'],
    ['another file of a folder allowed by one file', 'src/restful/a.ts', "import '../db/pool.ts'", 'src/db/pool.ts'],
    ['an import of the package by its own name', 'src/http/a.ts', "import { a } from 'twopi'", 'relative path'],
    ['a file outside src', 'src/http/a.ts', "import { a } from '../../test/a.ts'", 'not in src'],
    ['a framework in a feature', 'src/restful/a.ts', "import type { Request } from 'express'", '`express`'],
    [
      'a framework loaded by its adapter',
      'src/adapters/express/a.ts',
      "import { Router } from 'express'",
      'import type',
    ],
    [
      'an inline type import, which loads',
      'src/adapters/express/a.ts',
      "import { type A } from '@scope/x/y'",
      '@scope/x',
    ],
    ['a driver loaded before it is needed', 'src/db/a.ts', "import pg from 'pg'", 'import()'],
    ["Node's modules in a neutral folder", 'src/http/a.ts', "import { Buffer } from 'node:buffer'", 'without Node'],
    ["Node's modules without their prefix", 'src/http/a.ts', "import { join } from 'path'", 'without Node'],
    ["Node's types in a neutral folder", 'src/http/a.ts', "import type { Socket } from 'node:net'", 'without Node'],
    ['a built-in by the back door', 'src/http/a.ts', "process.getBuiltinModule('node:fs')", 'without Node'],
    ['a lookup of another built-in', 'src/lib/a.ts', "process.getBuiltinModule('node:fs')", 'without Node'],
    ['a lookup turned into an import', 'src/lib/a.ts', "import { sign } from 'node:crypto'", 'without Node'],
    ['an import that cannot be read', 'src/http/a.ts', 'export const a = (name: string) => import(name)', '(computed)'],
    ['a folder without a row', 'src/mail/a.ts', 'export const a = 1', 'not in the table'],
    ['a nested folder without a row', 'src/http/deep/a.ts', 'export const a = 1', '`http/deep` is not in the table'],
  ])('%s', (_what, file, text, message) => {
    const found = faults(file, text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(file)
    expect(found[0]).toContain(message)
  })

  it.each([
    ['the ground', 'src/http/a.ts', "import { a } from '../lib/a.ts'"],
    ['neighbours in the folder', 'src/http/a.ts', "import { a } from './b.ts'"],
    ['one file by name', 'src/restful/a.ts', "import { a } from '../db/session.ts'"],
    ['an internal folder of its own', 'src/http/a.ts', "import { a } from './internal/b.ts'"],
    ['the folder from its internal folder', 'src/http/internal/a.ts', "import { a } from '../b.ts'"],
    ['the one lookup it has', 'src/lib/a.ts', "process.getBuiltinModule?.('node:crypto')"],
    ['the types of a framework', 'src/adapters/express/a.ts', "import type { Request } from 'express'"],
    ['a driver at the moment it is needed', 'src/db/a.ts', "export const open = () => import('pg')"],
    ["Node's modules where there is Node", 'src/db/a.ts', "import { join } from 'node:path'"],
  ])('nothing wrong with %s', (_what, file, text) => {
    expect(faults(file, text)).toEqual([])
  })

  it('rows whose mark lies, and rows that name no row', () => {
    const lies: Rules = {
      http: { imports: ['gone'], planned: true, reason: '' },
      mail: { imports: [], reason: '' },
    }
    expect(tableFaults([{ file: 'src/http/a.ts' }], lies)).toEqual([
      '`http` exists: remove its mark `planned`',
      'the row `http` names `gone`, which has no row',
      '`mail` does not exist: remove its row, or mark it',
    ])
  })

  it('a loop of types that runs through an index', () => {
    const files = [
      { file: 'src/a/index.ts', text: "export { one } from './one.ts'" },
      { file: 'src/a/one.ts', text: "import type { Two } from '../b/two.ts'" },
      { file: 'src/b/two.ts', text: "import type { One } from '../a/index.ts'" },
      { file: 'src/b/three.ts', text: "import { two } from './two.ts'" },
    ].map(parseFile)
    expect(loops(fileGraph(files))).toEqual(['src/a/index.ts -> src/a/one.ts -> src/b/two.ts -> src/a/index.ts'])
  })

  it('a file that imports itself, and two loops apart from each other', () => {
    const graph = new Map([
      ['a', ['a']],
      ['b', ['c']],
      ['c', ['b', 'a']],
      ['d', ['a', 'b']],
    ])
    expect(loops(graph)).toEqual(['a -> a', 'b -> c -> b'])
  })

  it.each([
    ['`export *`', 'src/http/index.ts', "export * from './a.ts'", '`export *`'],
    ['`export * as`', 'src/http/a.ts', "export * as b from './b.ts'", '`export *`'],
    ['logic in an index', 'src/http/index.ts', 'export const a = 1', 'a list of named exports'],
    [
      'an import in an index',
      'src/http/index.ts',
      "import { a } from './a.ts'\nexport { a }",
      'a list of named exports',
    ],
    ['a default export', 'src/http/a.ts', 'export default 1', 'default export'],
    ['an import for its effect', 'src/http/a.ts', "import './polyfill.ts'", 'for its effect'],
  ])('%s', (_what, file, text, message) => {
    const [found] = indexFaults(planted(file, text))
    expect(found).toContain(file)
    expect(found).toContain(message)
  })
})
