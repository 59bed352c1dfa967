import { type } from 'arktype'
import { type ArgsShape, arg } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { argsOf, codesOf, refusalOf } from './refusal.ts'

type Library = 'zod' | 'valibot' | 'arktype'
type ByLibrary<T> = Readonly<Record<Library, T>>
const libraries: readonly Library[] = ['zod', 'valibot', 'arktype']

/** The same declaration in three libraries, each as one schema and as fields. */
const schemas: ByLibrary<ArgsShape> = {
  zod: z.object({
    name: z.string().min(2).max(5),
    seats: z.int().min(1).max(9),
    email: z.email(),
    level: z.enum(['easy', 'hard']),
    tags: z.array(z.string()).optional(),
    room: z.object({ floor: z.number() }),
  }),
  valibot: v.object({
    name: v.pipe(v.string(), v.minLength(2), v.maxLength(5)),
    seats: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
    email: v.pipe(v.string(), v.email()),
    level: v.picklist(['easy', 'hard']),
    tags: v.optional(v.array(v.string())),
    room: v.object({ floor: v.number() }),
  }),
  arktype: type({
    name: '2<=string<=5',
    seats: '1<=number.integer<=9',
    email: 'string.email',
    level: "'easy'|'hard'",
    'tags?': 'string[]',
    room: { floor: 'number' },
  }),
}

const fields: ByLibrary<ArgsShape> = {
  zod: {
    name: z.string().min(2).max(5),
    seats: z.int().min(1).max(9),
    email: z.email(),
    level: z.enum(['easy', 'hard']),
    tags: z.array(z.string()).optional(),
    room: z.object({ floor: z.number() }),
  },
  valibot: {
    name: v.pipe(v.string(), v.minLength(2), v.maxLength(5)),
    seats: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
    email: v.pipe(v.string(), v.email()),
    level: v.picklist(['easy', 'hard']),
    tags: v.optional(v.array(v.string())),
    room: v.object({ floor: v.number() }),
  },
  arktype: {
    name: type('2<=string<=5'),
    seats: type('1<=number.integer<=9'),
    email: type('string.email'),
    level: type("'easy'|'hard'"),
    tags: type('string[]|undefined'),
    room: type({ floor: 'number' }),
  },
}

const good = { name: 'Maths', seats: 3, email: 'a@b.cd', level: 'easy', tags: ['x'], room: { floor: 1 } }

/** One changed value, and the issue that every library must give for it. */
const faults: readonly [title: string, change: Readonly<Record<string, unknown>>, ...issues: string[]][] = [
  ['a missing field', { name: undefined }, 'json.name missing'],
  ['a missing choice', { level: undefined }, 'json.level missing'],
  ['a missing object', { room: undefined }, 'json.room missing'],
  ['null', { name: null }, 'json.name null'],
  ['null for a choice', { level: null }, 'json.level null'],
  ['another type', { name: 5 }, 'json.name invalid_type'],
  ['a text for a number', { seats: '5' }, 'json.seats invalid_type'],
  ['a fraction for an integer', { seats: 1.5 }, 'json.seats invalid_type'],
  ['a text that is too short', { name: 'a' }, 'json.name too_small'],
  ['a text that is too long', { name: 'abcdef' }, 'json.name too_big'],
  ['a number that is too small', { seats: 0 }, 'json.seats too_small'],
  ['a number that is too big', { seats: 10 }, 'json.seats too_big'],
  ['a text of another format', { email: 'ab' }, 'json.email invalid_format'],
  ['no choice', { level: 'middle' }, 'json.level invalid_value'],
  ['one value for a list', { tags: 'x' }, 'json.tags invalid_type'],
  ['items of a list', { tags: [1, 'x', null] }, 'json.tags.0 invalid_type', 'json.tags.2 null'],
  ['a value for an object', { room: 5 }, 'json.room invalid_type'],
  ['a member of an object', { room: { floor: 'x' } }, 'json.room.floor invalid_type'],
  ['a missing member', { room: {} }, 'json.room.floor missing'],
  ['a field nobody declared', { extra: 1 }, 'json.extra unknown'],
]

describe.each(libraries)('schemas of %s', (library) => {
  it('give what they make of a request, as one schema and as fields', async () => {
    expect(await argsOf(schemas[library], { json: good })).toEqual(good)
    expect(await argsOf(fields[library], { json: good })).toEqual(good)
  })

  it.each(faults)('name %s by one code, as every library does', async (_title, change: object, ...issues) => {
    const init = { json: { ...good, ...change } }
    expect(codesOf(await refusalOf(schemas[library], init))).toEqual(issues)
    expect(codesOf(await refusalOf(fields[library], init))).toEqual(issues)
  })

  it('report everything at once', async () => {
    const refusal = await refusalOf(schemas[library], { json: { name: 5, seats: 0, extra: 1, room: { floor: 'x' } } })
    expect([...codesOf(refusal)].sort()).toEqual([
      'json.email missing',
      'json.extra unknown',
      'json.level missing',
      'json.name invalid_type',
      'json.room.floor invalid_type',
      'json.seats too_small',
    ])
  })

  it("use marshmallow's words for what is not there", async () => {
    expect(
      await refusalOf(schemas[library], { json: { ...good, name: undefined, email: null, extra: 1 } }),
    ).toMatchObject({
      status: 422,
      body: {
        json: {
          name: ['Missing data for required field.'],
          email: ['Field may not be null.'],
          extra: ['Unknown field.'],
        },
      },
    })
  })

  it('show nothing of the input in their messages', async () => {
    const json = { ...good, name: 'hunter2hunter2', email: 'secret-thing', level: 'confidential', seats: 777 }
    const { body } = await refusalOf(schemas[library], { json })
    expect(JSON.stringify(body)).not.toMatch(/hunter2|secret|confidential|777/)
    expect(Object.keys((body as { json: object }).json).sort()).toEqual(['email', 'level', 'name', 'seats'])
  })

  it('find lists in a query by what they declare', async () => {
    const shape = {
      zod: z.object({ tags: z.array(z.string()), q: z.string() }),
      valibot: v.object({ tags: v.array(v.string()), q: v.string() }),
      arktype: type({ tags: 'string[]', q: 'string' }),
    }[library]
    const wanted = { tags: ['a'], q: 'x' }
    expect(await argsOf(shape, { url: '/?tags=a&q=x&q=y&utm=1' }, { location: 'query' })).toEqual(wanted)
    expect(await argsOf(shape, { url: '/?tags=a&tags=b&q=x' }, { location: 'query' })).toEqual({
      tags: ['a', 'b'],
      q: 'x',
    })
  })

  it('may take their time', async () => {
    const taken = async (name: unknown) => name !== 'taken'
    const shape = {
      zod: z.object({ name: z.string().refine(taken, 'This name is in use.') }),
      valibot: v.objectAsync({
        name: v.pipeAsync(v.string(), v.checkAsync<string, string>(taken, 'This name is in use.')),
      }),
      // arktype has no asynchronous checks.
      arktype: { name: z.string().refine(taken, 'This name is in use.'), level: type('string|undefined') },
    }[library]
    expect(await argsOf(shape, { json: { name: 'free' } })).toMatchObject({ name: 'free' })
    expect(await refusalOf(shape, { json: { name: 'taken' } })).toMatchObject({
      body: { json: { name: ['This name is in use.'] } },
      error: { issues: [{ code: 'custom' }] },
    })
  })
})

describe('the libraries side by side', () => {
  it('stand in one shape, beside the fields of twopi', async () => {
    const shape = { a: z.string(), b: v.number(), c: type('boolean'), d: arg.int() }
    expect(await argsOf(shape, { json: { a: 'x', b: 1, c: true, d: 2 } })).toEqual({ a: 'x', b: 1, c: true, d: 2 })
    expect(codesOf(await refusalOf(shape, { json: { a: 1, b: 'x', c: 1, d: 'x' } }))).toEqual([
      'json.a invalid_type',
      'json.b invalid_type',
      'json.c invalid_type',
      'json.d invalid_type',
    ])
  })

  it('read a schema by the standard alone when nobody knows its vendor', async () => {
    const even = {
      '~standard': {
        version: 1 as const,
        vendor: 'somebody',
        validate: (value: unknown) =>
          Number(value) % 2 === 0 ? { value } : { issues: [{ message: `${String(value)} is not even` }] },
      },
    }
    expect(await argsOf({ even }, { json: { even: 2 } })).toEqual({ even: 2 })
    expect((await refusalOf({ even }, { json: { even: 3 } })).body).toEqual({ json: { even: ['Invalid value.'] } })
  })
})

describe('messages', () => {
  const custom = (message: string) => ({
    zod: { name: z.string().refine(() => false, message) },
    valibot: {
      name: v.pipe(
        v.string(),
        v.check(() => false, message),
      ),
    },
    arktype: { name: type('string').narrow((_value, ctx) => ctx.reject({ message })) },
  })

  it.each(libraries)('of the application are sent as they are, in %s', async (library) => {
    const shape = custom('Choose another name.')[library]
    expect((await refusalOf(shape, { json: { name: 'Ada' } })).body).toEqual({
      json: { name: ['Choose another name.'] },
    })
  })

  it.each(libraries)('of the application that show the value are replaced, in %s', async (library) => {
    const shape = custom('Ada-1815 is in use.')[library]
    expect((await refusalOf(shape, { json: { name: 'Ada-1815' } })).body).toEqual({
      json: { name: ['Invalid value.'] },
    })
    expect((await refusalOf(shape, { json: { name: 'Ada-1815' } }, { messages: 'library' })).body).toEqual({
      json: { name: ['Ada-1815 is in use.'] },
    })
  })

  it('that show another value of the same location are replaced', async () => {
    const shape = z
      .object({ password: z.string(), again: z.string() })
      .check(z.refine(() => false, { path: ['again'], error: 'hunter2 was meant.' }))
    expect((await refusalOf(shape, { json: { password: 'hunter2', again: 'x' } })).body).toEqual({
      json: { again: ['Invalid value.'] },
    })
  })

  it('of the application for a missing value stay', async () => {
    const shape = { name: z.string({ error: 'Say your name.' }) }
    expect(await refusalOf(shape, { json: {} })).toMatchObject({
      body: { json: { name: ['Say your name.'] } },
      error: { issues: [{ code: 'missing' }] },
    })
  })

  it('are those of the library when asked for', async () => {
    const shape = { name: v.pipe(v.string(), v.email()) }
    expect((await refusalOf(shape, { json: { name: 'Ada' } })).body).toEqual({ json: { name: ['Invalid email.'] } })
    expect((await refusalOf(shape, { json: { name: 'Ada' } }, { messages: 'library' })).body).toEqual({
      json: { name: ['Invalid email: Received "Ada"'] },
    })
  })

  it('of several checks of arktype that failed together become one sentence', async () => {
    const shape = { n: type('1<=number.integer<=9') }
    expect((await refusalOf(shape, { json: { n: 0.5 } })).body).toEqual({
      json: { n: ['Must be an integer and at least 1.'] },
    })
  })

  it('of a union name what it takes', async () => {
    const shape = {
      a: z.union([z.literal('x'), z.int()]),
      b: type("'x'|'y'"),
      c: v.union([v.literal('x'), v.number()]),
    }
    const { body } = await refusalOf(shape, { json: { a: 'secret', b: 'secret', c: 'secret' } })
    expect(body).toEqual({
      json: { a: ['Invalid input'], b: ['Must be "x" or "y".'], c: ['Invalid type: Expected ("x" | number).'] },
    })
  })
})
