// Adds to package-lock.json the optional packages for other platforms that npm left out.
//
// npm drops an optional package from the lockfile when the registry it asked does not have it, as some mirrors do not, and
// then `npm ci` refuses the lockfile as out of step. The entries written here have the version their parent names, and the
// platform that their own name tells; npm installs them only there. Run it after `npm install`; it says what it added.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const added = []

for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue
    if (!/^\d/.test(version)) throw new Error(`${path} asks for ${name}@${version}, which is no exact version`)
    const { engines } = parent
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platform(name),
      ...(parent.dev ? { dev: true } : {}),
      optional: true,
      ...(engines ? { engines } : {}),
    }
    added.push(`${name}@${version}`)
  }
}

const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
if (added.length > 0)
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(
  added.length === 0 ? 'package-lock.json is complete.' : `Added to package-lock.json:\n  ${added.join('\n  ')}`,
)

/** Looks where Node would: beside the parent, then in every folder above. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true
    if (at === '') return false
  }
}

/** `@oxc-parser/binding-linux-arm64-musl` is for Linux on arm64 with musl. */
function platform(name) {
  const parts = name.split(/[/-]/)
  const os = parts.find((part) => ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'].includes(part))
  const cpu = parts.find((part) => ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'].includes(part))
  if (os === undefined || cpu === undefined) throw new Error(`The name ${name} does not tell its platform.`)
  const libc = parts.some((part) => part.startsWith('musl')) ? 'musl' : 'glibc'
  return { cpu: [cpu], ...(os === 'linux' ? { libc: [libc] } : {}), os: [os] }
}
