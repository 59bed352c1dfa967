import { OpenApiError } from './openapi-error.ts'

/** A file of the documentation page. */
export interface ViewerFile {
  readonly type: string
  readonly body: string | Uint8Array
  /** Changes with the file. */
  readonly etag: string
}

/** The viewer's files that the page needs, and nothing else of its package. */
const TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

const START = 'start.js'

// In a file of its own, so that the page needs no inline script. The viewer would ask a server of its maker whether the
// document is valid (`validatorUrl`), and take another document from the page's URL (`queryConfigEnabled`).
const START_CODE = `'use strict'
const target = document.getElementById('docs')
SwaggerUIBundle({
  domNode: target,
  url: new URL(target.dataset.url, location.href).href,
  validatorUrl: null,
  queryConfigEnabled: false,
  deepLinking: true,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0,
})
`

/** Opens the package of the viewer; rejects when it is not there. */
export type OpenViewer = () => Promise<{
  readonly version: string
  readonly read: (name: string) => Promise<Uint8Array>
}>

/** The package in `node_modules`. Its main file would load the whole viewer, so its files are only looked up. */
export const openSwaggerUi: OpenViewer = async () => {
  const { createRequire } = await import('node:module')
  const { readFile } = await import('node:fs/promises')
  const { dirname, join } = await import('node:path')
  const file = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string }
  return { version, read: (name) => readFile(join(dirname(file), name)) }
}

/** The files of the page, read when they are first asked for and then kept. */
export class ViewerFiles {
  readonly #open: OpenViewer
  readonly #files = new Map<string, Promise<ViewerFile>>()
  #viewer: ReturnType<OpenViewer> | undefined

  constructor(open: OpenViewer) {
    this.#open = open
  }

  /** @throws OpenApiError `ERR_OPENAPI_VIEWER_MISSING` when the viewer's package is not installed */
  async assertInstalled(): Promise<void> {
    await this.#opened()
  }

  /** @returns undefined for a name that the page does not use */
  async find(name: string): Promise<ViewerFile | undefined> {
    const known = name === START || Object.hasOwn(TYPES, name)
    if (!known) return undefined
    let file = this.#files.get(name)
    if (file === undefined) {
      file = this.#read(name)
      this.#files.set(name, file)
      // What failed once may work after an installation.
      file.catch(() => this.#files.delete(name))
    }
    return file
  }

  async #read(name: string): Promise<ViewerFile> {
    const { version, read } = await this.#opened()
    const etag = `"${version}"`
    if (name === START) return { type: 'text/javascript; charset=utf-8', body: START_CODE, etag: `"${START_VERSION}"` }
    return { type: TYPES[name] as string, body: await read(name), etag }
  }

  #opened(): ReturnType<OpenViewer> {
    this.#viewer ??= this.#open().catch((error: unknown) => {
      this.#viewer = undefined
      throw isMissing(error) ? missing(error) : error
    })
    return this.#viewer
  }
}

/** Counted up with each change of {@link START_CODE}. */
const START_VERSION = 1

function isMissing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
}

function missing(cause: unknown): OpenApiError {
  return new OpenApiError(
    'ERR_OPENAPI_VIEWER_MISSING',
    'The package `swagger-ui-dist` is needed for the documentation page and is not installed. Run `npm install swagger-ui-dist`.',
    { cause },
  )
}
