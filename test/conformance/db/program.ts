import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)
let folder: Promise<string> | undefined

/** Runs a program in a process of its own, in which `./dist/db/index.js` is `twopi/db`, and gives what it printed. */
export async function runProgram(body: string, env: NodeJS.ProcessEnv): Promise<string> {
  folder ??= build()
  const cwd = await folder
  writeFileSync(join(cwd, 'main.js'), body)
  const { stdout } = await run(process.execPath, ['main.js'], { cwd, env: { ...process.env, ...env }, timeout: 8000 })
  return stdout
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'twopi-program-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(directory, 'dist'), '--noCheck']
  await run(process.execPath, args, { cwd: root })
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return directory
}
