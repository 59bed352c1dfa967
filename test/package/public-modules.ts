import type { SourceFile } from './sources.ts'

export interface PackageJson {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly sideEffects: boolean
}

const ADAPTERS = ['express', 'fastify', 'hono', 'fetch']

/** The name users write: `twopi` for `.`, `twopi/http` for `./http`. */
export function specifierOf(subpath: string): string {
  return `twopi${subpath.slice(1)}`
}

/** The index a subpath stands for; adapters are found by their framework's name. */
export function indexOf(subpath: string): string {
  const name = subpath.slice(2)
  if (name === '') return 'src/index.ts'
  return ADAPTERS.includes(name) ? `src/adapters/${name}/index.ts` : `src/${name}/index.ts`
}

/** The page that explains a subpath. */
function pageOf(subpath: string): string {
  const name = subpath.slice(2)
  if (name === '') return 'README.md'
  if (ADAPTERS.includes(name)) return 'docs/adapters.md'
  return `docs/${name.split('/')[0]}.md`
}

/** Every subpath of the exports map that is code. */
export function subpaths({ exports }: Pick<PackageJson, 'exports'>): readonly string[] {
  return Object.keys(exports).filter((subpath) => subpath !== './package.json')
}

/** Where exports map, index files, their `@module` lines and the docs pages do not agree. */
export function moduleFaults(
  pkg: Pick<PackageJson, 'exports'>,
  sources: readonly SourceFile[],
  pages: readonly SourceFile[],
): readonly string[] {
  const indexes = sources.filter(({ file }) => file === 'src/index.ts' || file.endsWith('/index.ts'))
  const wanted = new Map(subpaths(pkg).map((subpath) => [indexOf(subpath), subpath]))
  return [
    ...subpaths(pkg).flatMap((subpath) => [
      ...mapFaults(pkg, subpath),
      ...indexTextFaults(subpath, indexes),
      ...pageFaults(subpath, pages),
    ]),
    ...indexes
      .filter(({ file }) => !wanted.has(file))
      .map(({ file }) => `${file} is in no subpath of the exports map; private folders have no index`),
  ]
}

function mapFaults({ exports }: Pick<PackageJson, 'exports'>, subpath: string): readonly string[] {
  const base = indexOf(subpath)
    .replace(/^src\//, './dist/')
    .replace(/\.ts$/, '')
  const wanted = JSON.stringify({ types: `${base}.d.ts`, default: `${base}.js` })
  const found = JSON.stringify(exports[subpath])
  return found === wanted ? [] : [`package.json: exports["${subpath}"] must be ${wanted}, found ${found}`]
}

function indexTextFaults(subpath: string, indexes: readonly SourceFile[]): readonly string[] {
  const file = indexOf(subpath)
  const index = indexes.find((source) => source.file === file)
  if (index === undefined) return [`${file} does not exist, but the exports map has "${subpath}"`]
  const line = `@module ${specifierOf(subpath)}`
  const opening = /^\/\*\*[\s\S]*?\*\//.exec(index.text)?.[0] ?? ''
  const opens = opening.split('\n').some((text) => text.replace(/^[\s*]+/, '').trim() === line)
  return opens ? [] : [`${file} must open with a doc comment that has the line "${line}"`]
}

function pageFaults(subpath: string, pages: readonly SourceFile[]): readonly string[] {
  const file = pageOf(subpath)
  const page = pages.find((source) => source.file === file)
  if (page === undefined) return [`${file} does not exist; it must explain "${specifierOf(subpath)}"`]
  const quoted = new RegExp(`['"\`]${specifierOf(subpath)}['"\`]`)
  return quoted.test(page.text) ? [] : [`${file} never names '${specifierOf(subpath)}'`]
}

/** Peers that are not optional, and dependencies no source loads or sources load without their being dependencies. */
export function dependencyFaults(
  pkg: Pick<PackageJson, 'dependencies' | 'peerDependencies' | 'peerDependenciesMeta' | 'devDependencies'>,
  loaded: ReadonlySet<string>,
  named: ReadonlySet<string>,
): readonly string[] {
  const known = { ...pkg.dependencies, ...pkg.peerDependencies }
  return [
    ...Object.keys(pkg.peerDependencies)
      .filter((name) => pkg.peerDependenciesMeta[name]?.optional !== true)
      .map((name) => `the peer \`${name}\` must be optional`),
    ...Object.keys(pkg.peerDependencies)
      .filter((name) => pkg.devDependencies[name] === undefined)
      .map((name) => `the peer \`${name}\` must be a dev dependency too, so that the tests run with it`),
    ...Object.keys(pkg.dependencies)
      .filter((name) => !loaded.has(name))
      .map((name) => `the dependency \`${name}\` is loaded by no source`),
    ...[...named]
      .filter((name) => known[name] === undefined)
      .map((name) => `\`${name}\` is imported, but is neither a dependency nor a peer`),
  ]
}
