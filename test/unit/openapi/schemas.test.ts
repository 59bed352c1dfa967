import { Validator } from '@seriousme/openapi-schema-validator'
import { toJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import { pipeline, type RequestContext } from 'twopi/http'
import { describe as describeEndpoint, type OpenApiOptions, openapi } from 'twopi/openapi'
import { arg, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const validator = new Validator()

type View = (context: RequestContext) => unknown

async function documentOf(views: readonly View[], options: Partial<OpenApiOptions> = {}) {
  const routes = views.map((view, i) => ({ method: 'POST', path: `/x${i}`, view }))
  const document = openapi({ routes }, { info: { title: 'x', version: '1' }, ...options })
  expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true })
  return document
}

async function bodyOf(view: View, options: Partial<OpenApiOptions> = {}) {
  const { paths, components } = await documentOf([view], options)
  const schema = paths['/x0']?.['post']?.requestBody?.content['application/json']?.schema
  const schemas: Record<string, unknown> = { ...components?.schemas }
  for (const name of ['Errors', 'ArgumentErrors', 'ArgumentMessages']) delete schemas[name]
  return { schema, schemas }
}

const expected = {
  type: 'object',
  properties: { name: { type: 'string' }, seats: { type: 'number' } },
  required: ['name'],
  additionalProperties: false,
}
const converters = { valibot: (schema: never, side: 'input' | 'output') => toJsonSchema(schema, { typeMode: side }) }

describe('a schema is shown as its library says', () => {
  it.each([
    ['zod', useArgs(z.object({ name: z.string(), seats: z.number().optional() }))],
    ['arktype', useArgs(type({ name: 'string', 'seats?': 'number' }))],
    ['valibot, by a converter', useArgs(v.object({ name: v.string(), seats: v.optional(v.number()) }))],
    ['the fields of webargs', useArgs({ name: arg.string(), seats: arg.number({ optional: true }) })],
  ])('%s', async (_library, step) => {
    expect(
      (
        await bodyOf(
          pipeline(step, () => 'x'),
          { converters },
        )
      ).schema,
    ).toEqual(expected)
  })

  it('side by side in one shape', async () => {
    const shape = { a: z.string(), b: v.string(), c: type('string'), d: arg.string() }
    const { schema } = await bodyOf(
      pipeline(useArgs(shape), () => 'x'),
      { converters },
    )
    const text = { type: 'string' }
    expect(schema).toMatchObject({ properties: { a: text, b: text, c: text, d: text }, required: ['a', 'b', 'c', 'd'] })
  })
})

describe('a schema that cannot be shown', () => {
  const note = (vendor: string) => ({
    description: `Cannot be shown: no JSON Schema could be made of this ${vendor} schema.`,
  })

  it('is anything, with a note, and fails nothing', async () => {
    const broken = {
      '~standard': {
        version: 1,
        vendor: 'broken',
        validate: (value: unknown) => ({ value }),
        jsonSchema: {
          input: () => {
            throw new Error('no')
          },
        },
      },
    } as const
    const endless: Record<string, unknown> = {}
    endless['self'] = endless
    const circular = {
      '~standard': {
        version: 1,
        vendor: 'circular',
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => endless },
      },
    } as const
    const failing = {
      valibot: () => {
        throw new Error('no')
      },
    }
    const step = useArgs({ a: v.string(), b: broken, c: circular, d: arg.string() })
    const { schema } = await bodyOf(
      pipeline(step, () => 'x'),
      { converters: failing },
    )
    expect(schema).toMatchObject({
      properties: { a: note('valibot'), b: note('broken'), c: note('circular'), d: { type: 'string' } },
    })
  })

  it('is asked of the converter when its library offers nothing', async () => {
    const { schema } = await bodyOf(pipeline(useArgs({ a: v.string() }), () => 'x'))
    expect(schema).toMatchObject({ properties: { a: note('valibot') } })
  })

  it('in a part is anything there alone', async () => {
    const { schema } = await bodyOf(pipeline(useArgs({ a: z.object({ day: z.date(), n: z.bigint() }) }), () => 'x'))
    expect(schema).toMatchObject({ properties: { a: { properties: { day: {}, n: {} } } } })
  })
})

describe('what a schema names', () => {
  const User = z.object({ name: z.string() }).meta({ id: 'User' })

  it('is a component, once for all who use it', async () => {
    const views = [
      pipeline(useArgs({ user: User, users: z.array(User) }), () => 'x'),
      pipeline(useArgs(User), () => 'x'),
    ]
    const { paths, components } = await documentOf(views)
    expect(components?.schemas?.['User']).toEqual({
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    })
    expect(components?.schemas).not.toHaveProperty('User2')
    const reference = { $ref: '#/components/schemas/User' }
    expect(paths['/x0']?.['post']?.requestBody?.content['application/json']?.schema).toMatchObject({
      properties: { user: reference, users: { type: 'array', items: reference } },
    })
    expect(paths['/x1']?.['post']?.requestBody?.content['application/json']?.schema).toEqual(reference)
  })

  it('gets a number when something else has its name, as what comes out may differ from what goes in', async () => {
    const Stamp = z.object({ at: z.string().default('now') }).meta({ id: 'Stamp' })
    const { components } = await documentOf([
      pipeline(describeEndpoint({ responses: { 200: Stamp } }), useArgs(Stamp), () => ({ at: 'x' })),
    ])
    expect(components?.schemas).toMatchObject({
      Stamp: { properties: { at: { default: 'now' } } },
      Stamp2: { required: ['at'] },
    })
  })

  it('may refer to itself, with a name and without', async () => {
    const Category = z.object({
      name: z.string(),
      get parts() {
        return z.array(Category)
      },
    })
    const alone = await bodyOf(pipeline(useArgs(Category), () => 'x'))
    expect(alone.schema).toEqual({ $ref: '#/components/schemas/PostX0' })
    expect(alone.schemas).toMatchObject({
      PostX0: { properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/PostX0' } } } },
    })
    const inside = await bodyOf(pipeline(useArgs({ top: z.object({ category: Category }) }), () => 'x'))
    const [[name] = []] = Object.entries(inside.schemas)
    expect(inside.schemas).toEqual({
      [String(name)]: expect.objectContaining({
        properties: expect.objectContaining({
          parts: { type: 'array', items: { $ref: `#/components/schemas/${name}` } },
        }),
      }),
    })
  })

  it('is written where a property is called like a keyword, and data that looks like a reference is left alone', async () => {
    const shape = z.object({ $ref: z.string(), default: User, $defs: z.string(), enum: z.literal('#/$defs/User') })
    const view = pipeline(useArgs({ a: shape, b: z.json().default({ $ref: '#/$defs/User' }) }), () => 'x')
    // The validator takes every member of this name for a reference.
    const { paths } = openapi(
      { routes: [{ method: 'POST', path: '/x0', view }] },
      { info: { title: 'x', version: '1' } },
    )
    const schema = paths['/x0']?.['post']?.requestBody?.content['application/json']?.schema
    expect(schema).toMatchObject({
      properties: {
        a: {
          properties: {
            $ref: { type: 'string' },
            default: { $ref: '#/components/schemas/User' },
            $defs: { type: 'string' },
            enum: { const: '#/$defs/User' },
          },
        },
        b: { default: { $ref: '#/$defs/User' } },
      },
    })
  })

  it('may have a name that no component can have', async () => {
    const Odd = z.object({ a: z.string() }).meta({ id: 'Odd name/50%~' })
    const { schemas } = await bodyOf(pipeline(useArgs({ odd: Odd }), () => 'x'))
    expect(schemas).toEqual({ Odd_name_50__: expect.objectContaining({ type: 'object' }) })
  })

  it('may stand in a JSON Schema that is written by hand', async () => {
    const { paths } = await documentOf([
      pipeline(describeEndpoint({ responses: { 200: { type: 'array', items: User } } }), () => []),
    ])
    expect(paths['/x0']?.['post']?.responses['200']).toMatchObject({
      content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/User' } } } },
    })
  })
})
