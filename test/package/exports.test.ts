import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileGraph } from './boundaries.ts'
import { dependencyFaults, indexOf, moduleFaults, type PackageJson, specifierOf, subpaths } from './public-modules.ts'
import { parseFile, readFiles, root } from './sources.ts'

const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
const sources = readFiles('src', '.ts')
const pages = [{ file: 'README.md', text: readFileSync(join(root, 'README.md'), 'utf8') }, ...readFiles('docs', '.md')]

const packagesOf = (kinds: readonly string[]) =>
  new Set(
    sources
      .flatMap((source) => parseFile(source).imports)
      // What is computed is the user's own module: who may do that stands in the table of folders.
      .filter(({ kind, specifier }) => kinds.includes(kind) && specifier !== '(computed)' && !specifier.startsWith('.'))
      .filter(({ specifier }) => !isBuiltin(specifier))
      .map(({ specifier }) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
      // What is named at run time alone; the table says who may.
      .filter((name) => name !== '(computed)'),
  )

describe('the package', () => {
  it('has an index, a `@module` line and a docs page for every subpath, and no other index', () => {
    expect(moduleFaults(pkg, sources, pages)).toEqual([])
  })

  it('has only optional peers, all of them tested, and no dependency without a use', () => {
    expect(dependencyFaults(pkg, packagesOf(['value']), packagesOf(['value', 'type', 'lazy']))).toEqual([])
  })

  it('promises to have no side effects', () => {
    expect(pkg.sideEffects).toBe(false)
  })

  it('has a root that reaches nothing but `lib`', () => {
    const graph = fileGraph(sources.map(parseFile))
    const reached = new Set(['src/index.ts'])
    for (const file of reached) for (const next of graph.get(file) ?? []) reached.add(next)
    expect([...reached].filter((file) => file !== 'src/index.ts' && !file.startsWith('src/lib/'))).toEqual([])
  })
})

describe('the check of subpaths finds', () => {
  const entry = (name: string) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })
  const good = {
    pkg: {
      exports: { '.': entry('index'), './hono': entry('adapters/hono/index'), './package.json': './package.json' },
    },
    sources: [
      { file: 'src/index.ts', text: '/**\n * The root.\n *\n * @module twopi\n */\n' },
      { file: 'src/adapters/hono/index.ts', text: '/**\n * @module twopi/hono\n */\n' },
    ],
    pages: [
      { file: 'README.md', text: "import 'twopi'" },
      { file: 'docs/adapters.md', text: "import 'twopi/hono'" },
    ],
  }
  const faults = (change: Partial<typeof good> & { pkg?: Pick<PackageJson, 'exports'> }) => {
    const { pkg: map, sources: files, pages: docs } = { ...good, ...change }
    return moduleFaults(map, files, docs)
  }

  it('nothing wrong where all agree', () => {
    expect(faults({})).toEqual([])
  })

  it('a subpath without an index and without a page', () => {
    const exports = { ...good.pkg.exports, './mail': entry('mail/index') }
    expect(faults({ pkg: { exports } })).toEqual([
      'src/mail/index.ts does not exist, but the exports map has "./mail"',
      'docs/mail.md does not exist; it must explain "twopi/mail"',
    ])
  })

  it('an entry of the map that names another file', () => {
    const exports = { ...good.pkg.exports, './hono': entry('hono/index') }
    expect(faults({ pkg: { exports } })).toEqual([expect.stringContaining('exports["./hono"] must be')])
  })

  it('an index that no subpath names', () => {
    const more = [...good.sources, { file: 'src/lib/index.ts', text: '' }]
    expect(faults({ sources: more })).toEqual([expect.stringContaining('src/lib/index.ts is in no subpath')])
  })

  it('a `@module` line that is missing, or names another subpath', () => {
    const wrong = good.sources.map((source) => ({ ...source, text: '/**\n * @module twopi/http\n */\n' }))
    expect(faults({ sources: wrong })).toEqual([
      expect.stringContaining('src/index.ts must open'),
      expect.stringContaining('"@module twopi/hono"'),
    ])
  })

  it('a page that never names its subpath', () => {
    const silent = good.pages.map((page) => ({ ...page, text: page.text.replace('/hono', '/http') }))
    expect(faults({ pages: silent })).toEqual(["docs/adapters.md never names 'twopi/hono'"])
  })

  it('wrong dependencies', () => {
    const planted = {
      dependencies: { cookie: '1', unused: '1' },
      peerDependencies: { express: '5', hono: '4' },
      peerDependenciesMeta: { express: { optional: true } },
      devDependencies: { hono: '4' },
    }
    expect(dependencyFaults(planted, new Set(['cookie']), new Set(['cookie', 'left-pad']))).toEqual([
      'the peer `hono` must be optional',
      'the peer `express` must be a dev dependency too, so that the tests run with it',
      'the dependency `unused` is loaded by no source',
      '`left-pad` is imported, but is neither a dependency nor a peer',
    ])
  })
})

describe('the names of the package', () => {
  it('map subpaths to what users write and to the index they stand for', () => {
    expect(subpaths(pkg).map((subpath) => [specifierOf(subpath), indexOf(subpath)])).toEqual(
      expect.arrayContaining([
        ['twopi', 'src/index.ts'],
        ['twopi/express', 'src/adapters/express/index.ts'],
        ['twopi/token-auth/jose', 'src/token-auth/jose/index.ts'],
      ]),
    )
  })
})
