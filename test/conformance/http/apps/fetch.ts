import { errorHandler, type FetchHandler, middleware, view } from 'twopi/fetch'
import { handleErrors, notFound } from 'twopi/http'
import type { App } from '../cases.ts'
import { type Journal, routes, watch } from '../routes.ts'
import { overFetch } from '../transport.ts'
import { listen } from './hono.ts'
import { currentStore, lang, noting, twice } from './steps.ts'

/** Any server that calls `(request) => Response` on Node. */
export async function fetchApp(journal: Journal): Promise<App> {
  return listen(buildApp(journal))
}

/** The same function, called. */
export async function calledFetchApp(journal: Journal): Promise<App> {
  const handle = buildApp(journal)
  return { send: overFetch((request) => handle(request)), close: async () => undefined }
}

/** A router as small as can be, which gives path parameters as a promise, the way Next.js does. */
function buildApp(journal: Journal): (request: Request, env?: { incoming?: never }) => Promise<Response> {
  const report = handleErrors({ onError: journal.onError })
  const make = view as (...parts: readonly unknown[]) => FetchHandler
  const table = routes(journal).map(({ methods, path, parts }) => ({
    methods: methods.includes('GET') ? [...methods, 'HEAD'] : methods,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    handler: make(report, ...parts),
  }))
  const get = (path: string, handler: FetchHandler) =>
    table.push({ methods: ['GET'], pattern: new RegExp(`^${path}$`), handler })

  get(
    '/native',
    make(() => new Response('native', { status: 207, headers: { 'x-native': 'yes' } })),
  )
  get(
    '/native-async',
    make(watch(journal), async () => new Response('native', { status: 207 })),
  )
  get(
    '/native-stream',
    make(() => new Response(new Blob(['piece ', 'piece ', 'piece']).stream())),
  )
  const localised = middleware(lang, twice)
  get('/middleware', (request, route) =>
    localised(
      request,
      () => {
        const { lang, twice } = localised.context(request)
        return Response.json({ lang, twice })
      },
      route,
    ),
  )
  const around = middleware(noting(journal))
  get('/middleware-around', (request, route) => around(request, () => Response.json({ store: currentStore() }), route))

  const missing = view(notFound)
  const onThrow = errorHandler()
  return async (request, env) => {
    const { pathname } = new URL(request.url)
    const found = table.find(({ methods, pattern }) => methods.includes(request.method) && pattern.test(pathname))
    const groups = Object.entries(found?.pattern.exec(pathname)?.groups ?? {})
    const params = Promise.resolve(Object.fromEntries(groups.map(([name, value]) => [name, decode(value ?? '')])))
    const route = env?.incoming === undefined ? { params } : { params, incoming: env.incoming }
    try {
      const response = await (found?.handler ?? missing)(request, route)
      const headers = new Headers(response.headers)
      headers.set('x-powered-by', 'middleware')
      const cookies = ['kept=1', ...headers.getSetCookie()]
      headers.delete('set-cookie')
      for (const cookie of cookies) headers.append('set-cookie', cookie)
      return new Response(response.body, { status: response.status, headers })
    } catch (error) {
      return onThrow(error, request)
    }
  }
}

/** As servers do: what cannot be decoded stays as it was sent. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
