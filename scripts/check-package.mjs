// Packs what is built in `dist` and lets publint and attw judge the tarball. Part of `npm run check`, after the build.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pack } from './pack.mjs.mts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'twopi-pack-'))

try {
  const { tarball, files } = pack(root, folder)
  console.log(`${basename(tarball)}: ${files.length} files`)
  run('publint', ['--strict', tarball])
  // ESM only: what `require` on old Nodes would see is no question.
  run('attw', ['--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji', tarball])
  console.log('The package is fit to publish.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function run(program, args) {
  console.log(`\n> ${program} ${args.map((arg) => basename(arg)).join(' ')}`)
  const { status, error } = spawnSync(join(root, 'node_modules', '.bin', program), args, {
    stdio: 'inherit',
    cwd: root,
  })
  if (error) throw error
  if (status !== 0) {
    console.error(`\n${program} found the faults above.`)
    process.exitCode = 1
  }
}
