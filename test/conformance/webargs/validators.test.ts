import { type } from 'arktype'
import { type ArgsFields, arg, inLocations, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { overSocket, type Send } from '../http/transport.ts'
import { type ArgsApp, argsApps } from './arg-apps.ts'

interface Declared {
  /** In JSON: a text of two characters at least, a whole number, texts, another text that may be missing. */
  readonly json: ArgsFields
  /** In the query: a text that must come, and a list. */
  readonly query: ArgsFields
}

type Validator = 'zod' | 'valibot' | 'arktype' | 'arg'

const validators: Readonly<Record<Validator, Declared>> = {
  zod: {
    json: { name: z.string().min(2), seats: z.int(), tags: z.array(z.string()), note: z.string().optional() },
    query: { q: z.string().min(2), t: z.array(z.string()).optional() },
  },
  valibot: {
    json: {
      name: v.pipe(v.string(), v.minLength(2)),
      seats: v.pipe(v.number(), v.integer()),
      tags: v.array(v.string()),
      note: v.optional(v.string()),
    },
    query: { q: v.pipe(v.string(), v.minLength(2)), t: v.optional(v.array(v.string())) },
  },
  arktype: {
    json: {
      name: type('string >= 2'),
      seats: type('number.integer'),
      tags: type('string[]'),
      note: type('string | undefined'),
    },
    query: { q: type('string >= 2'), t: type('string[] | undefined') },
  },
  arg: {
    json: {
      name: arg.string({ min: 2 }),
      seats: arg.int(),
      tags: arg.list(arg.string()),
      note: arg.string({ optional: true }),
    },
    query: { q: arg.string({ min: 2 }), t: arg.list(arg.string(), { optional: true }) },
  },
}

interface Case {
  readonly title: string
  readonly search?: string
  readonly body: string
  readonly contentType?: string
  readonly status: number
  /** The `args` of what is accepted. */
  readonly args?: unknown
  /** The faults of what is refused: pointer, location and code. */
  readonly faults?: readonly string[]
}

const good = { name: 'Ada', seats: 3, tags: ['a'] }
const write = (json: object) => JSON.stringify({ ...good, ...json })
const cases: readonly Case[] = [
  { title: 'takes what is right', body: write({}), status: 200, args: { q: 'xy', ...good } },
  {
    title: 'takes lists and what may be missing',
    search: '?q=xy&t=1&t=2',
    body: write({ note: 'é€' }),
    status: 200,
    args: { q: 'xy', t: ['1', '2'], ...good, note: 'é€' },
  },
  {
    title: 'takes one of a list as a list',
    search: '?q=xy&t=1',
    body: write({}),
    status: 200,
    args: { q: 'xy', t: ['1'], ...good },
  },
  {
    title: 'names all that is missing, of all locations',
    search: '',
    body: '{}',
    status: 422,
    faults: ['#/name json missing', '#/q query missing', '#/seats json missing', '#/tags json missing'],
  },
  {
    title: 'tells types from bounds',
    search: '?q=x',
    body: write({ name: 'A', seats: 'many', tags: [1] }),
    status: 422,
    faults: ['#/name json too_small', '#/q query too_small', '#/seats json invalid_type', '#/tags/0 json invalid_type'],
  },
  {
    title: 'takes no fraction for an integer',
    body: write({ seats: 1.5 }),
    status: 422,
    faults: ['#/seats json invalid_type'],
  },
  { title: 'tells null from missing', body: write({ name: null }), status: 422, faults: ['#/name json null'] },
  { title: 'names what is unknown', body: write({ other: 1 }), status: 422, faults: ['#/other json unknown'] },
  { title: 'refuses a list for the body', body: '[]', status: 422, faults: ['# json invalid_type'] },
  { title: 'refuses what is no JSON', body: '{', status: 400, faults: ['# json malformed'] },
  {
    title: 'refuses another content type',
    body: 'x',
    contentType: 'text/plain',
    status: 415,
    faults: ['# json content_type'],
  },
  {
    title: 'refuses what is nested too deep',
    body: `{"a":${'['.repeat(70)}${']'.repeat(70)}}`,
    status: 413,
    faults: ['# json too_large'],
  },
]

const names = Object.keys(validators) as Validator[]
const routes = names.map((name) => {
  const { json, query } = validators[name]
  const step = useArgs(inLocations({ json, query } as never), { layout: 'problem' })
  return { path: `/${name}`, parts: [step, ({ args }: { readonly args: unknown }) => ({ args })] }
})

interface Reply {
  readonly args?: unknown
  readonly errors?: readonly { readonly pointer: string; readonly in: string; readonly code: string }[]
}

describe.each(Object.keys(argsApps))('arguments on %s', (adapter) => {
  const failures: unknown[] = []
  let app: ArgsApp
  let send: Send

  beforeAll(async () => {
    app = await (argsApps[adapter] as (typeof argsApps)[string])(routes, (error) => failures.push(error))
    send = overSocket(app.origin)
  })

  afterAll(() => app.close())

  describe.each(names)('declared by %s', (validator) => {
    it.each(cases)(
      '$title',
      async ({ search = '?q=xy', body, contentType = 'application/json', status, args, faults }) => {
        const path = `/${validator}${search}`
        const reply = await send({ method: 'POST', path, headers: [['content-type', contentType]], body })
        const found: Reply = JSON.parse(reply.text)
        expect(failures).toEqual([])
        expect({ status: reply.status, args: found.args }).toEqual({ status, args })
        const told = found.errors?.map((error) => `${error.pointer} ${error.in} ${error.code}`).sort()
        expect(told).toEqual(faults)
      },
    )
  })
})
