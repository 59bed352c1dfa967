// One route behind a token: bare, with twopi, and with the middleware most people use on that framework.
import { webcrypto } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import { expressjwt } from 'express-jwt'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import * as onExpress from 'twopi/express'
import * as onFastify from 'twopi/fastify'
import * as onHono from 'twopi/hono'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { expressCaller, fastifyCaller, fetchCaller, plainExpress } from '../lib/in-process.mjs'
import { tokenClass } from '../token/contenders.mjs'
import { claims, secret, secretKey } from '../token/tokens.mjs'
import { names } from './names.mjs'

const { BARE, PROTECTED, EXPRESS_JWT, FASTIFY_JWT, HONO_JWT } = names
const path = '/classes/:id'
const algorithms = ['HS256']

/** What every application answers. */
export const bodyOf = (userId) => ({ id: '42', name: 'Algebra', seats: 30, userId })

/** By framework: the applications as functions that answer one request, and what is asked of ours. */
export async function protectedApps() {
  const bareBody = bodyOf(claims[0].user_id)
  const Token = tokenClass('HS256')
  const steps = [parseAuthHeader(Token), authRequired(), ({ token }) => bodyOf(token.userId)]

  // Each on an application of its own: a plugin may slow down all routes of its application.
  const expressPeer = expressjwt({ secret: secretKey, algorithms })
  const fastifyPeer = Fastify()
  await fastifyPeer.register(fastifyJwt, { secret, verify: { algorithms } })
  fastifyPeer.get(path, { onRequest: (request) => request.jwtVerify() }, ({ user }) => bodyOf(user.user_id))
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const webKey = await webcrypto.subtle.importKey('raw', secret, hmac, false, ['verify'])
  const honoPeer = new Hono()
  honoPeer.use(jwt({ secret: webKey, alg: 'HS256' }))
  honoPeer.get(path, (c) => c.json(bodyOf(c.get('jwtPayload').user_id)))

  return {
    Express: {
      callers: {
        [BARE]: expressCaller(plainExpress().get(path, (_req, res) => void res.json(bareBody))),
        [PROTECTED]: expressCaller(
          plainExpress()
            .get(path, onExpress.view(...steps))
            .use(onExpress.errorHandler()),
        ),
        [EXPRESS_JWT]: expressCaller(
          plainExpress()
            .get(path, expressPeer, (req, res) => void res.json(bodyOf(req.auth.user_id)))
            .use((error, _req, res, _next) => void res.status(error.status).end()),
        ),
      },
      goal: { text: 'adds at most half of what express-jwt adds', peer: EXPRESS_JWT, most: 0.5 },
    },
    Fastify: {
      callers: {
        [BARE]: fastifyCaller(Fastify().get(path, () => bareBody)),
        [PROTECTED]: fastifyCaller(
          Fastify()
            .setErrorHandler(onFastify.errorHandler())
            .get(path, onFastify.view(...steps)),
        ),
        [FASTIFY_JWT]: fastifyCaller(fastifyPeer),
      },
      goal: { text: 'adds less than @fastify/jwt', peer: FASTIFY_JWT, most: 1 },
    },
    Hono: {
      callers: {
        [BARE]: fetchCaller(new Hono().get(path, (c) => c.json(bareBody)).fetch),
        [PROTECTED]: fetchCaller(new Hono().onError(onHono.errorHandler()).get(path, onHono.view(...steps)).fetch),
        [HONO_JWT]: fetchCaller(honoPeer.fetch),
      },
      goal: { text: 'adds at most a third of what hono/jwt adds', peer: HONO_JWT, most: 1 / 3 },
    },
  }
}
