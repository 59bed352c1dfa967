// The login, renew and logout flow with refresh tokens of one's own, on any fetch-style server. Start it, then try:
//   curl -d username=test -d password=test http://localhost:5005/login
//   curl -X POST -H "Authorization: Bearer $TOKEN" http://localhost:5005/protected
//   curl -d refreshToken=$REFRESH_TOKEN http://localhost:5005/renew
//   curl -X POST -H "Authorization: Bearer $TOKEN" http://localhost:5005/logout
import { randomBytes, randomUUID } from 'node:crypto'
import { serve } from '@hono/node-server'
import { view } from 'twopi/fetch'
import { HttpError, notFound, type RequestContext, steps } from 'twopi/http'
import { authRequired, claim, parseAuthHeader, ShortlivedTokenMixin } from 'twopi/token-auth'
import { z } from 'zod'

const keys = process.env['SECRET_KEY'] ?? randomBytes(32)

class ShortlivedToken extends ShortlivedTokenMixin(
  {
    refreshTokenId: claim('rfid', z.string()),
    userId: claim('user_id', z.string()),
    scopes: claim('scopes', z.array(z.string())),
  },
  { keys },
) {
  static override fromRefreshToken({ id, userId, scopes }: RefreshToken): ShortlivedToken {
    return new this({ refreshTokenId: id, userId, scopes, expiresIn: '1 hour' })
  }
}

class RefreshToken {
  readonly id = randomUUID()
  readonly token = randomBytes(60).toString('base64url')
  readonly userId: string
  readonly scopes: string[]

  constructor(userId: string, scopes: string[]) {
    this.userId = userId
    this.scopes = scopes
  }
}

// The granted refresh tokens, by their text and in memory.
const refreshTokens = new Map<string, RefreshToken>()

async function login({ request }: RequestContext) {
  const form = await request.form()
  if (form.get('username') !== 'test' || form.get('password') !== 'test') throw new HttpError(401)
  const refreshToken = new RefreshToken('test', ['360noscope'])
  refreshTokens.set(refreshToken.token, refreshToken)
  return { token: ShortlivedToken.fromRefreshToken(refreshToken).dump(), refreshToken: refreshToken.token }
}

async function renew({ request }: RequestContext) {
  const refreshToken = refreshTokens.get((await request.form()).get('refreshToken') ?? '')
  if (refreshToken === undefined) throw new HttpError(401)
  return { token: ShortlivedToken.fromRefreshToken(refreshToken).dump() }
}

function logout({ token }: { token: ShortlivedToken }) {
  const refreshToken = [...refreshTokens.values()].find(({ id }) => id === token.refreshTokenId)
  if (refreshToken === undefined) throw new HttpError(401) // revoked already
  refreshTokens.delete(refreshToken.token)
  return { status: 'success' }
}

const loggedIn = steps(parseAuthHeader(ShortlivedToken), authRequired())

const routes = new Map([
  ['/login', view(login)],
  ['/renew', view(renew)],
  ['/logout', view(loggedIn, logout)],
  ['/protected', view(loggedIn, ({ token }) => `Welcome, ${token.userId}`)],
])
const missing = view(notFound)

function fetch(request: Request) {
  const route = request.method === 'POST' ? routes.get(new URL(request.url).pathname) : undefined
  return (route ?? missing)(request)
}

export const server = serve({ fetch, port: Number(process.env['PORT'] ?? 5005) })
