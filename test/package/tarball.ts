import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PackageJson } from './public-modules.ts'
import { root } from './sources.ts'

export const tsc: string = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

export interface RunResult {
  readonly status: number | null
  readonly output: string
}

/** Runs Node with the arguments, in a folder, with no environment but the path. */
export function node(cwd: string, ...args: readonly string[]): RunResult {
  const env = { PATH: process.env['PATH'], HOME: cwd }
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' })
  if (error) throw error
  return { status, output: stdout + stderr }
}

export interface Tarball {
  readonly path: string
  readonly files: readonly string[]
}

/**
 * Builds the sources apart from `dist`, which may be old or in use, and packs the result beside the files that
 * package.json names.
 */
export function buildTarball(folder: string, pkg: PackageJson): Tarball {
  const stage = join(folder, 'stage')
  mkdirSync(stage, { recursive: true })
  const built = node(root, tsc, '-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist'))
  if (built.status !== 0) throw new Error(`The build failed:\n${built.output}`)
  for (const name of ['package.json', ...pkg.files.filter((file) => file !== 'dist')]) {
    cpSync(join(root, name), join(stage, name))
  }
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${folder}`]
  const output = execFileSync('npm', args, { cwd: stage, encoding: 'utf8' })
  // An array in npm 10, an object by name in npm 11.
  const packed = Object.values(JSON.parse(output) as Record<string, { filename: string; files: { path: string }[] }>)[0]
  if (packed === undefined) throw new Error(`npm pack said nothing: ${output}`)
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) }
}

/** An empty project outside the repository, with the tarball installed as npm would: with dependencies, without peers. */
export function installTarball(folder: string, tarball: string, dependencies: readonly string[]): string {
  const project = mkdtempSync(join(folder, 'project-'))
  const target = join(project, 'node_modules', 'twopi')
  mkdirSync(target, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
  if (status !== 0) throw new Error(`tar failed: ${stderr}`)
  copyDependencies(project, dependencies)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  return project
}

/** Copied and not linked, so that nothing in the project can find its way into the repository's packages. */
function copyDependencies(project: string, names: readonly string[]): void {
  for (const name of names) {
    const from = join(root, 'node_modules', name)
    cpSync(from, join(project, 'node_modules', name), { recursive: true })
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Partial<PackageJson>
    copyDependencies(project, Object.keys(dependencies))
  }
}

/** Makes packages of the repository visible in a project, for their types. */
export function linkPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'dir')
  }
}

export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'twopi-package-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
