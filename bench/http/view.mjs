// One route, bare and as a view.
import Fastify from 'fastify'
import { Hono } from 'hono'
import * as onExpress from 'twopi/express'
import * as onFastify from 'twopi/fastify'
import * as onFetch from 'twopi/fetch'
import * as onHono from 'twopi/hono'
import { expressCaller, fastifyCaller, fetchCaller, plainExpress } from '../lib/in-process.mjs'
import { names } from './names.mjs'

const { BARE, VIEW } = names
const path = '/classes/:id'

export const data = { id: '42', name: 'Algebra', seats: 30, tags: ['a', 'b'] }

/** Both applications of each framework, as functions that answer one request. */
export async function bareAndView() {
  return {
    Express: {
      [BARE]: expressCaller(plainExpress().get(path, (_req, res) => void res.json(data))),
      [VIEW]: expressCaller(
        plainExpress().get(
          path,
          onExpress.view(() => data),
        ),
      ),
    },
    Fastify: {
      [BARE]: fastifyCaller(await Fastify().get(path, () => data)),
      [VIEW]: fastifyCaller(
        await Fastify().get(
          path,
          onFastify.view(() => data),
        ),
      ),
    },
    Hono: {
      [BARE]: fetchCaller(new Hono().get(path, (c) => c.json(data)).fetch),
      [VIEW]: fetchCaller(
        new Hono().get(
          path,
          onHono.view(() => data),
        ).fetch,
      ),
    },
    fetch: {
      [BARE]: fetchCaller(() => Response.json(data)),
      [VIEW]: fetchCaller(onFetch.view(() => data)),
    },
  }
}
