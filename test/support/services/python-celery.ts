import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Python that has the real Celery. */
export interface PythonCelery {
  /** The interpreter. */
  readonly python: string
  /** Of Celery: `5.6.3`. */
  readonly version: string
}

const SYSTEM = '/usr/bin/python3'
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/twopi-celery', import.meta.url))
const DAY_MS = 86_400_000
/** Brotli is one of the compressions; the system's client of Redis is too old for results. */
const PACKAGES = ['celery>=5.5', 'msgpack', 'pyyaml', 'brotli', 'redis>=5']
const NEEDED = [
  'kombu',
  'amqp',
  'billiard',
  'vine',
  'tzlocal',
  'tzdata',
  'python-dateutil',
  'exceptiongroup',
  'click-plugins',
]

/**
 * The Pythons that have Celery, each version once: that of `PYTHON_CELERY`, that of the system, and the newest that pip finds,
 * installed into a folder of the cache. Where pip finds none, this is noted for a day.
 *
 * @returns none when there is none: then the suite is to be skipped by name
 * @throws Error instead of that with `CI=true`
 */
export async function pythonCeleries(): Promise<readonly PythonCelery[]> {
  const given = process.env['PYTHON_CELERY']
  const candidates = [...(given ? [given] : []), SYSTEM, await newest()]
  const found: PythonCelery[] = []
  for (const python of candidates) {
    const version = python && (await versionOf(python))
    if (python && version && found.every((one) => one.version !== version)) found.push({ python, version })
  }
  if (found.length === 0 && process.env['CI']) throw new Error('install python3-celery')
  return found
}

async function versionOf(python: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(python, ['-c', 'import celery; print(celery.__version__)'])
    return stdout.trim()
  } catch {
    return undefined
  }
}

/** An environment with the newest Celery, on top of the packages of the system. Files of tests may ask at the same time. */
async function newest(): Promise<string | undefined> {
  const folder = join(CACHE, 'newest-with-redis')
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return python
  const missed = join(CACHE, 'not-found')
  if (existsSync(missed) && Date.now() - statSync(missed).mtimeMs < DAY_MS) return undefined
  const making = join(CACHE, `making-${process.pid}`)
  mkdirSync(dirname(making), { recursive: true })
  try {
    await run(SYSTEM, ['-m', 'venv', '--system-site-packages', making])
    const python = join(making, 'bin', 'python')
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1']
    const install = (...words: string[]) => run(python, [...pip, ...words], { timeout: 240_000 })
    // An index may lack some of what Celery asks for only for its command line; the system's packages do for that.
    await install(...PACKAGES).catch(() => install('--no-deps', '--ignore-installed', ...PACKAGES, ...NEEDED))
    await run(python, ['-c', 'import celery.backends.redis'])
    rmSync(missed, { force: true })
    renameSync(making, folder)
  } catch {
    // Another file may have been faster: its folder is in the way of ours.
    rmSync(making, { recursive: true, force: true })
    if (!existsSync(python)) writeFileSync(missed, '')
  }
  return existsSync(python) ? python : undefined
}
