import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const programs = fileURLToPath(new URL('./programs', import.meta.url))
const run = promisify(execFile)

export interface ProgramEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Builds the package, and gives what runs one of the programs beside this file in a process of its own. */
export async function buildPackage(): Promise<(program: string, ...flags: string[]) => Promise<ProgramEnd>> {
  const folder = mkdtempSync(join(tmpdir(), 'twopi-worker-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist'), '--noCheck']
  await run(process.execPath, [...args, '--declaration', 'false', '--isolatedDeclarations', 'false'], { cwd: root })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(programs, join(folder, 'programs'))
  return async (program, ...flags) => {
    const words = ['--preserve-symlinks-main', '--preserve-symlinks', ...flags, join(folder, 'programs', program)]
    try {
      return { code: 0, ...(await run(process.execPath, words, { cwd: folder, timeout: 240_000 })) }
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
      return { code: typeof code === 'number' ? code : -1, stdout: stdout ?? '', stderr: stderr ?? '' }
    }
  }
}
