import { view } from 'twopi/fetch'
import { describe, expectTypeOf, it } from 'vitest'

// What each runtime wants of a handler, by its own declarations, cut to what matters here.
type NextHandler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[]>> },
) => Response | undefined | Promise<Response | undefined>
type DenoServe = (
  handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
) => void
interface BunServe {
  fetch(this: object, request: Request, server: { port: number; stop(): void }): Response | Promise<Response>
}
interface WorkersHandler<Env> {
  fetch?: (
    request: Request,
    env: Env,
    context: { waitUntil(promise: Promise<unknown>): void },
  ) => Response | Promise<Response>
}

describe('a handler of twopi/fetch', () => {
  const GET = view(({ request }) => request.path)

  it('is what Next.js, Deno, Bun and Workers take', () => {
    expectTypeOf(GET).toExtend<NextHandler>()
    expectTypeOf(GET).toExtend<Parameters<DenoServe>[0]>()
    expectTypeOf({ fetch: GET }).toExtend<BunServe>()
    expectTypeOf({ fetch: GET }).toExtend<WorkersHandler<{ KV: string }>>()
    expectTypeOf({ fetch: (request: Request) => GET(request) }).toExtend<WorkersHandler<unknown>>()
  })
})
