import { pipeline, type RequestContext } from 'twopi/http'
import { describe, expectTypeOf, it } from 'vitest'

class Token {
  readonly userId: string = '42'
}
const parse = (_context: RequestContext): { token: Token | null } => ({ token: new Token() })
const required = <T>({ token }: { token: T | null }): { token: T } => ({ token: token as T })

describe('a view with types of its own', () => {
  it('stands after a generic step', () => {
    const view = ({ token }: { token: Token }) => token.userId
    pipeline(parse, required, view)
    pipeline(parse, required, view satisfies (context: { token: Token }) => string)
  })

  it('is refused where a generic step does not give what it asks for', () => {
    const view = ({ token }: { token: { nobody: string } }) => token.nobody
    // @ts-expect-error the token is another one
    pipeline(parse, required, view)
    // @ts-expect-error the token may be null
    pipeline(parse, ({ token }: { token: Token }) => token)
  })

  it('keeps its own types inline', () => {
    pipeline(parse, required, ({ token }) => expectTypeOf(token).toEqualTypeOf<Token>())
  })
})
