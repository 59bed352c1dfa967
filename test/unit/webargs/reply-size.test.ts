import { type } from 'arktype'
import fc from 'fast-check'
import { type ArgsShape, arg, ValidationError } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { rawJson, refusalOf } from './refusal.ts'

const layouts = ['location', 'flat', 'problem'] as const
/** Text of issues is bounded to 64 Ki characters; the rest is what JSON and the pointers put around it. */
const MOST = 512 * 1024

const records: Readonly<Record<string, ArgsShape>> = {
  zod: { m: z.record(z.string(), z.array(z.int())) },
  valibot: { m: v.record(v.string(), v.array(v.number())) },
  arktype: { m: type({ '[string]': 'number[]' }) },
  'a zod schema as a whole': z.object({ m: z.record(z.string(), z.array(z.int())) }),
}

// The bound on names would refuse what these tests are about.
const longNames = { nameLength: 1_000_000 }

function isArkType(schema: unknown): boolean {
  return (schema as { '~standard'?: { vendor?: unknown } })['~standard']?.vendor === 'arktype'
}

describe('the size of a refusal', () => {
  it.each(Object.entries(records))(
    'is bounded for a long key with a thousand faults below it, by %s',
    async (_, shape) => {
      // arktype itself writes the key once for each fault.
      const length = 'm' in shape && isArkType(shape.m) ? 2000 : 100_000
      const json = { m: { ['A'.repeat(length)]: Array(1000).fill('x') } }
      for (const layout of layouts) {
        const request = rawJson(JSON.stringify(json))
        const stringify = vi.spyOn(JSON, 'stringify')
        const { body, error } = await refusalOf(shape, request, { layout, limits: longNames }).finally(() =>
          stringify.mockRestore(),
        )
        const written = stringify.mock.results.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
        if (length > 2000) expect(written).toBeLessThan(MOST)
        expect(JSON.stringify(body).length).toBeLessThan(MOST)
        expect(error.message.length).toBeLessThan(10_000)
        expect(error.issues[0]?.path).toEqual(['m', `${'A'.repeat(99)}…`, 0])
      }
    },
  )

  it('is bounded for unknown names, which are cut', async () => {
    const json = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${i}`.padEnd(1000, 'k'), 1]))
    for (const layout of layouts) {
      for (const shape of [{}, z.strictObject({}), { o: arg.object({}) }]) {
        const { body, error } = await refusalOf(shape, { json: 'o' in shape ? { o: json } : json }, { layout })
        expect(JSON.stringify(body).length).toBeLessThan(MOST)
        expect(error.issues.length).toBeGreaterThan(100)
        expect(error.issues[0]?.path.at(-1)).toHaveLength(100)
      }
    }
    const { body } = await refusalOf({}, { json: { ['k'.repeat(900_000)]: 1 } }, { limits: longNames })
    expect(body).toEqual({ json: { [`${'k'.repeat(99)}…`]: ['Unknown field.'] } })
  })

  it('is bounded where the library says what it received, once for each of many faults', async () => {
    const json = { m: { a: Array(100).fill('x'.repeat(9000)) } }
    for (const shape of Object.values(records)) {
      const { body } = await refusalOf(shape, { json }, { messages: 'library' })
      expect(JSON.stringify(body).length).toBeLessThan(MOST)
    }
  })

  it('is bounded whatever the length of the keys and the number of faults', async () => {
    const key = fc.tuple(fc.constantFrom('k', '€', '~', '\0', '\uD800'), fc.nat({ max: 3000 }))
    const faults = fc.tuple(key, fc.integer({ min: 1, max: 300 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(faults, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...layouts),
        async (all, layout) => {
          const entries = all.map(([[unit, length], count]) => [unit.repeat(length), Array(count).fill('x')])
          for (const shape of Object.values(records)) {
            const { body } = await refusalOf(
              shape,
              { json: { m: Object.fromEntries(entries) } },
              { layout, limits: longNames },
            )
            expect(JSON.stringify(body).length).toBeLessThan(2 * MOST)
          }
        },
      ),
      { numRuns: 20, seed: 20240229 },
    )
  })

  it('leaves what a view says as it is', () => {
    const path = ['k'.repeat(200)]
    const error = new ValidationError([{ location: 'json', path, code: 'custom', message: 'Taken.' }])
    expect(error.messages).toEqual([`json.${path[0]}: Taken.`])
    expect(error.message).toBe(error.messages[0])
  })

  it('does not write all sentences of a thousand faults into the message for logs', async () => {
    const { error } = await refusalOf({ l: z.array(z.int()) }, { json: { l: Array(500).fill('x') } })
    expect(error.messages).toHaveLength(500)
    expect(error.message).toMatch(/^json\.l\.0: .*\(and 490 more\)$/)
  })

  it('knows where a field with a long name came from', async () => {
    const name = 'n'.repeat(150)
    const { error } = await refusalOf({ [name]: arg.int() }, { url: `/?${name}=x` }, { firstOf: ['json', 'query'] })
    expect(error.issues[0]).toMatchObject({ location: 'query', path: [`${'n'.repeat(99)}…`] })
  })
})
