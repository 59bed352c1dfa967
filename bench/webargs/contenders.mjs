// One route that takes a body of five fields and answers with it: bare, with zod by hand, with twopi, and with what most
// people use on that framework.
import { zValidator } from '@hono/zod-validator'
import express from 'express'
import { body, matchedData, validationResult } from 'express-validator'
import Fastify from 'fastify'
import { Hono } from 'hono'
import * as onExpress from 'twopi/express'
import * as onFastify from 'twopi/fastify'
import * as onFetch from 'twopi/fetch'
import * as onHono from 'twopi/hono'
import { reply } from 'twopi/http'
import { useArgs } from 'twopi/webargs'
import { z } from 'zod'
import { plainExpress } from '../lib/in-process.mjs'
import { expressCaller, fastifyCaller, fetchCaller } from './callers.mjs'

export const names = {
  BARE: 'bare, nothing checked',
  VIEW: 'a `view` that reads JSON, nothing checked',
  BY_HAND: 'zod by hand',
  IN_VIEW: 'a `view` that reads JSON, zod by hand',
  ARGS: 'twopi `useArgs`, zod',
  ARGS_PARSED: "twopi `useArgs`, zod, behind Fastify's own JSON parser",
  EXPRESS_VALIDATOR: 'express-validator',
  AJV: "Fastify's own schema, ajv",
  ZOD_VALIDATOR: '@hono/zod-validator',
}
const { BARE, VIEW, BY_HAND, IN_VIEW, ARGS, ARGS_PARSED, EXPRESS_VALIDATOR, AJV, ZOD_VALIDATOR } = names
const path = '/classes'

export const schema = z.object({
  name: z.string().min(1).max(80),
  seats: z.int().min(1).max(500),
  level: z.enum(['easy', 'hard']),
  open: z.boolean(),
  tags: z.array(z.string().max(20)),
})

const ajvSchema = {
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'seats', 'level', 'open', 'tags'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 80 },
      seats: { type: 'integer', minimum: 1, maximum: 500 },
      level: { enum: ['easy', 'hard'] },
      open: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string', maxLength: 20 } },
    },
  },
}

const expressChain = [
  body('name').isString().isLength({ min: 1, max: 80 }),
  body('seats').isInt({ min: 1, max: 500 }),
  body('level').isIn(['easy', 'hard']),
  body('open').isBoolean({ strict: true }),
  body('tags').isArray(),
  body('tags.*').isString().isLength({ max: 20 }),
]

const step = () => useArgs(schema)
const echo = ({ args }) => args
const readJson = async ({ request }) => request.json()
/** What a hand-written handler says of what zod found. */
const issuesOf = ({ error }) => ({ errors: error.issues })
const readAndParse = async ({ request }) => {
  const result = schema.safeParse(await request.json())
  return result.success ? result.data : reply(issuesOf(result), 422)
}

/** By framework: the applications, as functions that answer one request. */
export function applications() {
  return {
    Express: {
      [BARE]: expressCaller(plainExpress().post(path, express.json(), (req, res) => void res.json(req.body))),
      [BY_HAND]: expressCaller(
        plainExpress().post(path, express.json(), (req, res) => {
          const result = schema.safeParse(req.body)
          if (result.success) res.json(result.data)
          else res.status(422).json(issuesOf(result))
        }),
      ),
      [VIEW]: expressCaller(plainExpress().post(path, onExpress.view(readJson)).use(onExpress.errorHandler())),
      [IN_VIEW]: expressCaller(plainExpress().post(path, onExpress.view(readAndParse)).use(onExpress.errorHandler())),
      [ARGS]: expressCaller(plainExpress().post(path, onExpress.view(step(), echo)).use(onExpress.errorHandler())),
      [EXPRESS_VALIDATOR]: expressCaller(
        plainExpress().post(path, express.json(), ...expressChain, (req, res) => {
          const result = validationResult(req)
          if (result.isEmpty()) res.json(matchedData(req, { locations: ['body'] }))
          else res.status(422).json({ errors: result.array() })
        }),
      ),
    },
    Fastify: {
      [BARE]: fastifyCaller(Fastify().post(path, async ({ body }) => body)),
      [BY_HAND]: fastifyCaller(
        Fastify().post(path, async ({ body }, reply) => {
          const result = schema.safeParse(body)
          return result.success ? result.data : reply.code(422).send(issuesOf(result))
        }),
      ),
      [VIEW]: fastifyCaller(withFastify().post(path, onFastify.view(readJson))),
      [IN_VIEW]: fastifyCaller(withFastify().post(path, onFastify.view(readAndParse))),
      [ARGS]: fastifyCaller(withFastify().post(path, onFastify.view(step(), echo))),
      [ARGS_PARSED]: fastifyCaller(
        Fastify().setErrorHandler(onFastify.errorHandler()).post(path, onFastify.view(step(), echo)),
      ),
      [AJV]: fastifyCaller(
        // As strict as the others: by default a number for a text would be made one.
        Fastify({ ajv: { customOptions: { coerceTypes: false, allErrors: true } } }).post(
          path,
          { schema: ajvSchema },
          async ({ body }) => body,
        ),
      ),
    },
    Hono: {
      [BARE]: fetchCaller(new Hono().post(path, async (c) => c.json(await c.req.json())).fetch),
      [BY_HAND]: fetchCaller(
        new Hono().post(path, async (c) => {
          const result = schema.safeParse(await c.req.json())
          return result.success ? c.json(result.data) : c.json(issuesOf(result), 422)
        }).fetch,
      ),
      [VIEW]: fetchCaller(new Hono().onError(onHono.errorHandler()).post(path, onHono.view(readJson)).fetch),
      [IN_VIEW]: fetchCaller(new Hono().onError(onHono.errorHandler()).post(path, onHono.view(readAndParse)).fetch),
      [ARGS]: fetchCaller(new Hono().onError(onHono.errorHandler()).post(path, onHono.view(step(), echo)).fetch),
      [ZOD_VALIDATOR]: fetchCaller(
        new Hono().post(path, zValidator('json', schema), (c) => c.json(c.req.valid('json'))).fetch,
      ),
    },
    fetch: {
      [BARE]: fetchCaller(async (request) => Response.json(await request.json())),
      [BY_HAND]: fetchCaller(async (request) => {
        const result = schema.safeParse(await request.json())
        return result.success ? Response.json(result.data) : Response.json(issuesOf(result), { status: 422 })
      }),
      [VIEW]: fetchCaller(onFetch.view(readJson)),
      [IN_VIEW]: fetchCaller(onFetch.view(readAndParse)),
      [ARGS]: fetchCaller(onFetch.view(step(), echo)),
    },
  }
}

/** The step alone, and zod by hand in its place, on a request whose body has arrived. */
export function steps() {
  const args = step()
  const requestOf = (text) => ({ isParsed: false, json: async () => JSON.parse(text) })
  return {
    [BY_HAND]: async (text) => schema.parse(await requestOf(text).json()),
    [ARGS]: async (text) => (await args({ request: requestOf(text) })).args,
  }
}

function withFastify() {
  const app = Fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', onFastify.contentTypeParser)
  return app.setErrorHandler(onFastify.errorHandler())
}
