import { around, describeStep, descriptionsOf, limitBody, pipeline, type RequestContext, steps } from 'twopi/http'
import { describe as describeEndpoint } from 'twopi/openapi'
import { describe, expect, it } from 'vitest'
import { testContext } from '../../support/test-request.ts'

const said = (summary: string) => ({ operation: { summary } })
const step = (summary: string) => describeStep((_context: RequestContext) => undefined, said(summary))

describe('descriptions of steps', () => {
  it('pass through rows of steps and pipelines, in their order', () => {
    const view = describeStep(() => 'x', said('view'))
    const row = steps(step('a'), steps(step('b'), step('c')))
    const inner = pipeline(step('e'), view)
    expect(descriptionsOf(pipeline(row, step('d'), inner)).map(({ operation }) => operation?.summary)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'view',
    ])
  })

  it('are there for steps around the rest, and for a pipeline as a whole before its parts', () => {
    const timed = describeStep(
      around((_context: RequestContext, next) => next()),
      said('around'),
    )
    const whole = describeStep(
      pipeline(timed, () => 'x'),
      said('whole'),
    )
    expect(descriptionsOf(whole)).toEqual([said('whole'), said('around')])
  })

  it('are made only when somebody asks', () => {
    let asked = 0
    const lazy = describeStep(
      (_context: RequestContext) => undefined,
      () => {
        asked += 1
        return said('lazy')
      },
    )
    const run = pipeline(lazy, () => 'x')
    run(testContext())
    expect(asked).toBe(0)
    expect(descriptionsOf(run)).toEqual([said('lazy')])
  })

  it('are none for what has none', () => {
    expect([() => 'x', undefined, {}, 'x', pipeline(() => 'x')].map(descriptionsOf)).toEqual([[], [], [], [], []])
  })

  it('change nothing of what a step does, and limitBody has one', () => {
    const added = describeStep(() => ({ added: 1 }), said('x'))
    expect(pipeline(added, ({ added }) => added)(testContext())).toMatchObject({ data: 1 })
    expect(descriptionsOf(limitBody(10))).toEqual([{ bodyLimit: 10 }])
  })

  it('of `describe` are no step of the row that requests walk', () => {
    let called = 0
    const note = describeEndpoint({ summary: 'x' })
    const counted = new Proxy(note, {
      apply: () => {
        called += 1
      },
    })
    const run = pipeline(counted, () => 'x')
    expect(run(testContext())).toMatchObject({ data: 'x' })
    expect({ called, said: descriptionsOf(run) }).toEqual({
      called: 0,
      said: [{ operation: { summary: 'x' }, replies: [] }],
    })
  })
})
