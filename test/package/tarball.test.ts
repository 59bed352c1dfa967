import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentFaults, declarationFaults, mapFaults } from './declarations.ts'
import { indexOf, type PackageJson, specifierOf, subpaths } from './public-modules.ts'
import { readFiles, root } from './sources.ts'
import { buildTarball, installTarball, linkPackages, node, type Tarball, temporaryFolder, tsc } from './tarball.ts'

const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson
const dependencies = Object.keys(pkg.dependencies)

/** Subpaths that exist for one peer and load it; everything else loads without any peer. */
const LOADS_PEER: Readonly<Record<string, string>> = { './token-auth/jose': 'jose' }
/** Subpaths whose declarations name no type of Node and no framework. */
const NEUTRAL = ['.', './http', './restful', './token-auth', './openapi', './fetch']
const PEERS = ['express', 'fastify', 'hono', 'jose', 'kysely', '@types/express', '@types/node']

const everySubpath = subpaths(pkg)
const temporary = temporaryFolder()
let tarball: Tarball
/** A project with the dependencies alone. */
let bare: string
/** A project that has the peers, too. */
let full: string

beforeAll(() => {
  tarball = buildTarball(temporary.path, pkg)
  bare = installTarball(temporary.path, tarball.path, dependencies)
  full = installTarball(temporary.path, tarball.path, dependencies)
  linkPackages(full, PEERS)
}, 120_000)

afterAll(() => temporary.remove())

const published = (ending: string) =>
  tarball.files
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, text: readFileSync(join(bare, 'node_modules/twopi', file), 'utf8') }))

describe('the tarball', () => {
  it('contains the built files and the papers, and nothing else', () => {
    expect(contentFaults(tarball.files, pkg.files)).toEqual([])
  })

  it('contains a built file for every source', () => {
    const wanted = readFiles('src', '.ts').map(({ file }) => file.replace(/^src/, 'dist').replace(/\.ts$/, '.js'))
    expect(tarball.files.filter((file) => file.endsWith('.js')).sort()).toEqual(wanted.sort())
  })

  it('carries the sources inside its maps', () => {
    expect(published('.js.map')).not.toEqual([])
    expect(mapFaults(published('.js.map'))).toEqual([])
  })

  it('has no `any` and nothing internal in its declarations', () => {
    expect(declarationFaults(published('.d.ts'))).toEqual([])
  })

  it.each(Object.entries(pkg.bin))('has a program `%s` that starts and explains itself', (_name, path) => {
    const file = join('node_modules/twopi', path)
    expect(readFileSync(join(bare, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(node(bare, file, '--help')).toMatchObject({ status: 0, output: expect.stringMatching(/usage/i) })
  })
})

describe('without any peer installed', () => {
  it.each(everySubpath.filter((subpath) => !(subpath in LOADS_PEER)))('the subpath %s loads', (subpath) => {
    const code = `const names = Object.keys(await import('${specifierOf(subpath)}')); console.log(names.length > 0)`
    expect(node(bare, '--input-type=module', '--eval', code)).toEqual({ status: 0, output: 'true\n' })
  })

  it.each(Object.entries(LOADS_PEER))('the subpath %s says that `%s` is missing', (subpath, peer) => {
    const { status, output } = node(bare, '--input-type=module', '--eval', `await import('${specifierOf(subpath)}')`)
    expect(status).toBe(1)
    expect(output).toContain(`Cannot find package '${peer}'`)
  })

  it('loading everything changes no global', () => {
    const names = everySubpath.filter((subpath) => !(subpath in LOADS_PEER)).map(specifierOf)
    const code = `
      const state = () => Reflect.ownKeys(globalThis).concat(Reflect.ownKeys(Object.prototype), Reflect.ownKeys(Error))
      const before = state()
      for (const name of ${JSON.stringify(names)}) await import(name)
      console.log(state().filter((key) => !before.includes(key)).map(String).join())`
    expect(node(bare, '--input-type=module', '--eval', code)).toEqual({ status: 0, output: '\n' })
  })

  it('files outside the exports map cannot be imported', () => {
    const { output } = node(bare, '--input-type=module', '--eval', "await import('twopi/dist/lib/brand.js')")
    expect(output).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  it('neutral subpaths type-check with no types of Node', () => {
    const options = {
      ...consumerOptions('NodeNext', 'NodeNext', false),
      types: [],
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    }
    expect(typeCheck(bare, 'neutral', NEUTRAL, options)).toEqual({ status: 0, output: '' })
  })
})

describe('a consumer', () => {
  it.each([
    ['NodeNext', 'NodeNext', true],
    ['NodeNext', 'NodeNext', false],
    ['ESNext', 'Bundler', true],
    ['ESNext', 'Bundler', false],
    ['Preserve', 'Bundler', true],
  ])('with module %s, resolution %s and skipLibCheck %s compiles', (module, resolution, skipLibCheck) => {
    const options = { ...consumerOptions(module, resolution, skipLibCheck), types: ['node'] }
    expect(typeCheck(full, `${module}-${resolution}-${skipLibCheck}`, everySubpath, options)).toEqual({
      status: 0,
      output: '',
    })
  })

  it('gets real types, not `any`', () => {
    const source = `
      import { isTwopiError } from 'twopi'
      import { HttpError } from 'twopi/http'
      export const wrong: string = new HttpError(400).status
      export const missing = isTwopiError.nothing
    `
    const { status, output } = typeCheckSource(full, 'wrong', source, consumerOptions('NodeNext', 'NodeNext', true))
    expect(status).not.toBe(0)
    expect(output).toContain("Type 'number' is not assignable to type 'string'")
    expect(output).toContain("Property 'nothing' does not exist")
  })
})

describe('the checks of the tarball find', () => {
  it('files too many and files missing', () => {
    const files = [
      'package.json',
      'README.md',
      'dist/a.js',
      'dist/a.d.ts',
      'dist/a.js.map',
      'dist/a.test.js',
      'src/a.ts',
    ]
    expect(contentFaults(files, ['dist', 'README.md', 'LICENSE'])).toEqual([
      'dist/a.test.js is in the tarball',
      'src/a.ts is in the tarball',
      'LICENSE is not in the tarball',
    ])
  })

  it('maps that point at files that are not there', () => {
    const maps = [
      { file: 'a.js.map', text: '{"sources":["../src/a.ts"]}' },
      { file: 'b.js.map', text: '{"sources":["../src/b.ts"],"sourcesContent":["text"]}' },
    ]
    expect(mapFaults(maps)).toEqual(['a.js.map points at ../src/a.ts'])
  })

  it('`any` in every place it can hide, and `@internal`', () => {
    const text = [
      'export declare const a: any;',
      'export declare function b(value: unknown): Promise<any[]>;',
      '/** @internal */',
      'export declare const many: "any";',
    ].join('\n')
    expect(declarationFaults([{ file: 'a.d.ts', text }])).toEqual([
      'a.d.ts:1: `any` in a public declaration',
      'a.d.ts:2: `any` in a public declaration',
      'a.d.ts:3: `@internal` in a public declaration',
    ])
  })

  it('subpaths that have an index each', () => {
    expect(everySubpath.map(indexOf)).toHaveLength(new Set(everySubpath.map(indexOf)).size)
  })
})

function consumerOptions(module: string, moduleResolution: string, skipLibCheck: boolean): Record<string, unknown> {
  return { strict: true, noEmit: true, target: 'ES2023', module, moduleResolution, skipLibCheck }
}

/** Imports the subpaths as a whole, so that every declaration is looked at. */
function typeCheck(project: string, name: string, names: readonly string[], compilerOptions: object) {
  const source = names.map((subpath, i) => `export * as m${i} from '${specifierOf(subpath)}'\n`).join('')
  return typeCheckSource(project, name, source, compilerOptions)
}

function typeCheckSource(project: string, name: string, source: string, compilerOptions: object) {
  const folder = join(project, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.ts'), source)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  return node(project, tsc, '-p', folder, '--pretty', 'false')
}
