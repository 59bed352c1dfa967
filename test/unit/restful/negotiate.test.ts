import fc from 'fast-check'
import { outputJson } from 'twopi/restful'
import { describe, expect, it } from 'vitest'
import { negotiate } from '../../../src/restful/representation.ts'

const offered = (...types: readonly string[]) => new Map(types.map((type) => [type, outputJson]))
const three = offered('application/json', 'application/problem+json', 'text/csv')
const pick = (accept: string | undefined, representations = three) => negotiate(representations, accept)?.[0]

describe('content negotiation', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    [' ', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/*', 'application/json'],
    ['text/html, text/csv;q=0.5', 'text/csv'],
    ['application/json;q=0.5, text/csv;q=0.9', 'text/csv'],
    ['application/json;q=0.9, */*;q=0.1', 'application/json'],
    // The more specific range speaks for its type, also when that says less.
    ['*/*, application/json;q=0.1', 'application/problem+json'],
    ['application/*;q=0, text/*', 'text/csv'],
    ['application/json;q=0, application/problem+json;q=0, */*', 'text/csv'],
    // The client's order decides between equals, then ours.
    ['text/csv, application/json', 'text/csv'],
    ['application/json; charset=utf-8', 'application/json'],
    ['application/json;charset="utf-8";q=0.1, text/csv;q=0.2', 'text/csv'],
    ['application/xml', undefined],
    ['application/json;q=0', undefined],
    ['*/*;q=0', undefined],
    ['application/json;v=2', undefined],
    ['nonsense', undefined],
  ])('for `Accept: %s` chooses %s', (accept, expected) => {
    expect(pick(accept)).toBe(expected)
  })

  it('matches parameters of what is offered', () => {
    const versions = offered('application/vnd.school+json;v=1', 'application/vnd.school+json;v=2')
    expect(pick('application/vnd.school+json;v=2', versions)).toBe('application/vnd.school+json;v=2')
    expect(pick('application/vnd.school+json', versions)).toBe('application/vnd.school+json;v=1')
  })

  it('never throws, whatever is sent', () => {
    const accept = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('text', '/', '*', 'csv', ';', 'q=', '0.5', '"', '\\', ',', ' ', '=', 'charset'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(accept, (value) => {
        const type = pick(value)
        expect(type === undefined || three.has(type)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
