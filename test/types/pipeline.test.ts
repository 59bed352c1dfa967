import type { Reply, RequestContext } from 'twopi/http'
import { around, pipeline, reply, steps } from 'twopi/http'
import { describe, expectTypeOf, it } from 'vitest'

// These tests are decided by the compiler: a line marked @ts-expect-error that compiles is an error of `npm run types`.

class Token {
  readonly userId: string = '42'
}
const parse = (_context: RequestContext): { token: Token | null } => ({ token: new Token() })
const required = <T>({ token }: { token: T | null }): { token: T } => ({ token: token as T })
const args = async (_context: RequestContext): Promise<{ args: { seats: number } } | Reply<string>> => reply('no', 422)

describe('the types of a pipeline', () => {
  it('grow from left to right and narrow what a step makes certain', () => {
    pipeline(parse, ({ token }) => expectTypeOf(token).toEqualTypeOf<Token | null>())
    pipeline(parse, required, args, ({ token, args, request }) => {
      expectTypeOf(token).toEqualTypeOf<Token>()
      expectTypeOf(args).toEqualTypeOf<{ seats: number }>()
      expectTypeOf(request.method).toEqualTypeOf<string>()
      // @ts-expect-error nothing has added this
      return token.nothing
    })
  })

  it('refuse a step whose needs are not met by the steps before it', () => {
    // @ts-expect-error `token` comes from `parse`, which is not there
    pipeline(required, ({ token }) => token)
    // @ts-expect-error `token` comes from `parse`, which is too late
    pipeline(args, required, parse, () => 1)
  })

  it('refuse a view that asks for what nobody adds', () => {
    // @ts-expect-error no step adds `session`
    pipeline(parse, ({ session }: { session: string }) => session)
  })

  it('take nothing from steps that add nothing', () => {
    pipeline(
      () => undefined,
      async () => null,
      (context) => {
        expectTypeOf(context.request.path).toEqualTypeOf<string>()
        // @ts-expect-error nothing was added
        return context.anything
      },
    )
  })

  it('reach around and through groups', () => {
    const session = around<RequestContext, { session: number }>((_context, next) => next({ session: 1 }))
    // @ts-expect-error what the step promises must be passed on
    around<RequestContext, { session: number }>((_context, next) => next())
    pipeline(steps(parse, required, session), ({ session, token }) => {
      expectTypeOf(session).toEqualTypeOf<number>()
      expectTypeOf(token).toEqualTypeOf<Token>()
    })
  })
})
