import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const cache = join(root, 'node_modules/.cache/twopi-built')
const interopApp = fileURLToPath(new URL('../typescript-app.ts', import.meta.url))

/** The package as its users have it, and an app that imports it. */
export interface BuiltPackage {
  /** The program `twopi`. */
  readonly cli: string
  /** The module of the app. */
  readonly app: string
}

/**
 * Builds it from the sources as they are; files of tests that ask at the same time get the same one.
 *
 * @param appFile - the source of the module of the app, alone
 */
export function builtPackage(appFile: string = interopApp): BuiltPackage {
  const folder = join(cache, fingerprint(appFile))
  if (!existsSync(folder)) {
    const making = join(cache, `making-${process.pid}`)
    rmSync(making, { recursive: true, force: true })
    build(making, appFile)
    removeOld()
    try {
      renameSync(making, folder)
    } catch (error) {
      // Another file of tests was faster.
      rmSync(making, { recursive: true, force: true })
      if (!existsSync(folder)) throw error
    }
  }
  return { cli: join(folder, 'dist/cli/main.js'), app: join(folder, 'app', basename(appFile, '.ts').concat('.js')) }
}

function build(folder: string, appFile: string): void {
  mkdirSync(folder, { recursive: true })
  // A package may import itself by its name.
  const manifest = { name: 'twopi', version: '0.0.0', type: 'module', exports: { './*': './dist/*/index.js' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  compile(folder, 'dist', join(root, 'src'), join(root, 'src'))
  compile(folder, 'app', dirname(appFile), appFile)
}

/** Without a look at the types: that is done for the whole package. */
function compile(folder: string, name: string, rootDir: string, source: string): void {
  const config = join(folder, `tsconfig.${name}.json`)
  const compilerOptions = { noCheck: true, isolatedDeclarations: false, declaration: false, rootDir }
  const extended = join(root, 'tsconfig.base.json')
  const text = {
    extends: extended,
    compilerOptions: { ...compilerOptions, outDir: join(folder, name) },
    include: [source],
  }
  writeFileSync(config, JSON.stringify(text))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', config], { cwd: root, stdio: 'inherit' })
}

/** Changes with every change of a source. */
function fingerprint(appFile: string): string {
  const hash = createHash('sha256')
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'))
  for (const file of [appFile, ...sources.sort().map((path) => join(root, 'src', path))]) {
    const { mtimeMs, size } = statSync(file)
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function removeOld(): void {
  const dayAgo = Date.now() - 86_400_000
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name)
    if (statSync(folder).mtimeMs < dayAgo) rmSync(folder, { recursive: true, force: true })
  }
}
