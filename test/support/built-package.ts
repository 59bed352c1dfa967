import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: Promise<string> | undefined

/**
 * A folder for programs that run in processes of their own, with all modules below `./dist`, the inner ones too. Made once for
 * a file of tests, and removed with its process.
 */
export function builtPackage(): Promise<string> {
  folder ??= build()
  return folder
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'twopi-built-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const project = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(directory, 'dist'), '--noCheck']
  await promisify(execFile)(process.execPath, [tsc, ...project], { cwd: root })
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return directory
}
