import { type } from 'arktype'
import { type ArgsShape, arg } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InputTexts } from '../../../src/webargs/safe-message.ts'
import { refusalOf } from './refusal.ts'

const filler = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
const broken = `{"${filler}": 1, "pw": hunter22, "${filler}": 1}`
const parse = (text: string) => {
  try {
    JSON.parse(text)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

const leaks: Readonly<Record<string, readonly [ArgsShape, unknown]>> = {
  'a message of zod that begins as its own (Invalid)': [
    { a: z.string({ error: ({ input }) => `Invalid password ${input}` }) },
    1234567,
  ],
  'a message of zod that begins as its own (Expected)': [
    { a: z.number({ error: ({ input }) => `Expected a number, not ${input}` }) },
    'hunter22',
  ],
  'a message of zod that begins as its own (Too small)': [
    { a: z.string().min(20, { error: ({ input }) => `Too small: expected more than ${input}` }) },
    'hunter22',
  ],
  'an excerpt by a check of zod': [
    { a: z.string().superRefine((text, ctx) => ctx.addIssue({ code: 'custom', message: parse(text) })) },
    broken,
  ],
  'an excerpt by a check of valibot': [
    {
      a: v.pipe(
        v.string(),
        v.check(
          () => false,
          ({ input }) => parse(input),
        ),
      ),
    },
    broken,
  ],
  'an excerpt by arktype': [{ a: type('string.json.parse') }, broken],
  'an excerpt by a check within arg.list': [
    { a: arg.list(z.string().superRefine((text, ctx) => ctx.addIssue({ code: 'custom', message: parse(text) }))) },
    [broken],
  ],
  'keys of an object': [
    {
      a: z
        .record(z.string(), z.unknown())
        .superRefine((all, ctx) => ctx.addIssue({ code: 'custom', message: `Bad: ${Object.keys(all)}` })),
    },
    { 'hunter22@example.org': 1 },
  ],
}

describe('safe messages', () => {
  it.each(Object.entries(leaks))('do not show the input: %s', async (_, [shape, a]) => {
    const { body } = await refusalOf(shape, { json: { a } })
    expect(JSON.stringify(body)).not.toMatch(/hunter22|1234567|aaaaaaaa/)
    expect(JSON.stringify(body)).toMatch(/Invalid|Must be|Too small\./)
  })

  it('leave words of the application that name declared fields', async () => {
    const shape = z
      .object({ startDate: z.string(), endDate: z.string() })
      .refine(() => false, 'endDate must be after startDate')
    expect((await refusalOf(shape, { json: { startDate: '2', endDate: '1' } })).body).toEqual({
      json: { _schema: ['endDate must be after startDate'] },
    })
  })

  it('leave the words of zod, whatever the input holds', async () => {
    const shape = {
      number: z.number(),
      email: z.email(),
      option: z.enum(['string', 'number']),
      min: z.string().min(10),
      date: z.iso.date(),
      starts: z.string().startsWith('https:'),
      multiple: z.number().multipleOf(5),
      int: z.int(),
      set: z.literal(5),
    }
    const json = {
      number: 'string',
      email: 'email',
      option: 'expected',
      min: 'to have',
      date: 'ISO',
      starts: 'https',
      multiple: 3,
      int: 1.5,
      set: 4,
    }
    expect((await refusalOf(shape, { json })).body).toEqual({
      json: {
        number: ['Invalid input: expected number, received string'],
        email: ['Invalid email address'],
        option: ['Invalid option: expected one of "string"|"number"'],
        min: ['Too small: expected string to have >=10 characters'],
        date: ['Invalid ISO date'],
        starts: ['Invalid string: must start with "https:"'],
        multiple: ['Invalid number: must be a multiple of 5'],
        int: ['Invalid input: expected int, received number'],
        set: ['Invalid input: expected 5'],
      },
    })
  })

  it('are sought in a large input once, however many the faults', () => {
    let reads = 0
    const item = (i: number) => ({
      get v() {
        reads++
        return `value-${i}`
      },
    })
    const texts = new InputTexts(Array.from({ length: 400 }, (_, i) => item(i)))
    for (let i = 0; i < 100; i++) expect(texts.areShownIn(`Nothing of it, ${i}.`, undefined)).toBe(false)
    expect(texts.areShownIn('It is value-77, no?', undefined)).toBe(true)
    expect(reads).toBe(400)
  })
})
