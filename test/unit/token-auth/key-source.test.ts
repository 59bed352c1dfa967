import { randomBytes } from 'node:crypto'
import { Keys, ShortlivedTokenMixin } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'

describe('the source of keys', () => {
  it('may be one secret as a text, as bytes or as a Buffer, with the same result', () => {
    const secret = randomBytes(32).toString('hex')
    const bytes = new TextEncoder().encode(secret)
    class FromText extends ShortlivedTokenMixin({}, { keys: secret }) {}
    for (const keys of [bytes, Buffer.from(bytes), Keys.from([{ secret }])]) {
      class Token extends ShortlivedTokenMixin({}, { keys }) {}
      expect(Token.isAsync).toBe(false)
      expect(FromText.load(new Token({}).dump())).toBeInstanceOf(FromText)
    }
  })
})
