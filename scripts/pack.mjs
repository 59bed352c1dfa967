// Makes the tarball npm would publish, from what is built, without running any script.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * @param {string} project - the folder that has the package.json and the built `dist`
 * @param {string} destination - an existing folder
 * @returns {{ tarball: string, files: readonly string[] }} the tarball's path and the paths of the files inside
 */
export function pack(project, destination) {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${destination}`]
  const output = execFileSync('npm', args, { cwd: project, encoding: 'utf8' })
  const [packed] = Object.values(JSON.parse(output))
  return { tarball: join(destination, packed.filename), files: packed.files.map(({ path }) => path) }
}
