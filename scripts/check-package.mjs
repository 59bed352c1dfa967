// Packs what is built in `dist` and lets publint and attw judge the tarball. Part of `npm run check`, after the build.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'twopi-pack-'))

try {
  const { tarball, files } = pack()
  console.log(`${basename(tarball)}: ${files.length} files`)
  run('publint', ['--strict', tarball])
  // ESM only: what `require` on old Nodes would see is no question.
  run('attw', ['--profile', 'esm-only', '--format', 'table-flipped', '--no-color', '--no-emoji', tarball])
  if (process.exitCode === undefined) console.log('The package is fit to publish.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The tarball npm would publish; no script runs, so it is made of what was built before. */
function pack() {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${folder}`]
  const [packed] = Object.values(JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })))
  return { tarball: join(folder, packed.filename), files: packed.files }
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
