import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './sources.ts'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
type Packages = Readonly<Record<string, LockedPackage>>

/** What would make `npm ci` refuse the lockfile, or make it depend on one machine. */
function lockFaults(pkg: LockedPackage, packages: Packages): readonly string[] {
  const own = packages[''] ?? {}
  const kinds = ['dependencies', 'devDependencies', 'peerDependencies'] as const
  return [
    ...kinds
      .filter((kind) => JSON.stringify(own[kind] ?? {}) !== JSON.stringify(pkg[kind] ?? {}))
      .map((kind) => `\`${kind}\` of package.json and package-lock.json differ; run npm install`),
    ...Object.entries(packages).flatMap(([path, { optionalDependencies = {}, resolved }]) => [
      ...Object.keys(optionalDependencies)
        .filter((name) => ![`${path}/node_modules/${name}`, `node_modules/${name}`].some((at) => at in packages))
        .map((name) => `${name}, optional for ${path}, is missing; run scripts/complete-lockfile.mjs`),
      ...(resolved === undefined
        ? []
        : [`${path} names the address it came from; set omit-lockfile-registry-resolved`]),
    ]),
  ]
}

describe('package-lock.json', () => {
  it('has all that package.json asks for, on every platform, from whatever registry is set', () => {
    const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as LockedPackage
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Packages }
    expect(lockFaults(pkg, lock.packages)).toEqual([])
  })

  it('is found wanting when it lacks a platform, is out of step, or names an address', () => {
    const packages = {
      '': { devDependencies: { tool: '1.0.0' } },
      'node_modules/tool': { version: '1.0.0', optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' } },
      'node_modules/tool-linux': { version: '1.0.0', resolved: 'http://localhost/tool-linux.tgz' },
    }
    expect(lockFaults({ devDependencies: { tool: '2.0.0' } }, packages)).toEqual([
      '`devDependencies` of package.json and package-lock.json differ; run npm install',
      'tool-mac, optional for node_modules/tool, is missing; run scripts/complete-lockfile.mjs',
      'node_modules/tool-linux names the address it came from; set omit-lockfile-registry-resolved',
    ])
  })
})
