import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { WorkerHost } from './worker-host.ts'

/** What was named as an app is none. */
export class AppNotFoundError extends TypeError {
  override readonly name = 'AppNotFoundError'
}

/**
 * Imports the module that makes an app, as Celery's `--app` does.
 *
 * @param place - a file, `dist/tasks.js`, or its URL; with the name of what it exports behind a colon, `dist/tasks.js:celery`,
 * where it exports more than one app
 * @throws AppNotFoundError when there is no such file, or no app in it
 */
export async function loadHost(place: string): Promise<WorkerHost> {
  const { file, exported } = split(place)
  const path = file.startsWith('file:') ? fileURLToPath(file) : resolve(file)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new AppNotFoundError(
      `an app must be a module that exports what createCelery() made, such as dist/tasks.js; there is no file ${file}`,
    )
  }
  const module = await load(path, file)
  return exported === undefined ? findOnly(module, file) : findNamed(module, file, exported)
}

async function load(path: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION')) throw error
    throw new AppNotFoundError(`${file} cannot be loaded by this Node: ${error.message}; name the compiled JavaScript`)
  }
}

function split(place: string): { readonly file: string; readonly exported: string | undefined } {
  // Neither a drive letter nor the scheme of a URL is a file, and the name of an export has no slash.
  const match = /^(.{2,}):([A-Za-z_$][\w$]*)$/.exec(place)
  return match === null ? { file: place, exported: undefined } : { file: match[1] ?? place, exported: match[2] }
}

function findNamed(module: Readonly<Record<string, unknown>>, file: string, name: string): WorkerHost {
  const app = Object.hasOwn(module, name) ? module[name] : undefined
  if (isHost(app)) return app
  throw new AppNotFoundError(`${file} exports no app by the name \`${name}\`; ${whatItExports(module)}`)
}

function findOnly(module: Readonly<Record<string, unknown>>, file: string): WorkerHost {
  // An app that is exported under two names is one app.
  const [app, ...others] = new Set(Object.values(module).filter(isHost))
  if (app === undefined) {
    throw new AppNotFoundError(`${file} exports no app made by createCelery(); ${whatItExports(module)}`)
  }
  if (others.length > 0) {
    const name = Object.keys(module).find((key) => module[key] === app)
    throw new AppNotFoundError(
      `${file} exports ${others.length + 1} apps; name the one that is meant, as ${file}:${name}`,
    )
  }
  return app
}

function isHost(value: unknown): value is WorkerHost {
  if (typeof value !== 'object' || value === null) return false
  const { findTask, createBroker, send } = value as Partial<Record<keyof WorkerHost, unknown>>
  return [findTask, createBroker, send].every((method) => typeof method === 'function')
}

function whatItExports(module: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(module)
  return names.length === 0 ? 'it exports nothing' : `it exports ${names.map((name) => `\`${name}\``).join(', ')}`
}
