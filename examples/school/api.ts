import { pipeline } from 'twopi/http'
import { apiDocs, describe } from 'twopi/openapi'
import { Api, Resource } from 'twopi/restful'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { Classes, ClassImport, OneClass } from './classes.ts'
import { OneReport, Reports } from './reports.ts'
import { auth, ShortlivedToken } from './tokens.ts'

class Login extends Resource {
  post = auth.login
}

class Renew extends Resource {
  post = auth.renew
}

class Logout extends Resource {
  post = auth.logout
}

class Protected extends Resource {
  post = pipeline(
    describe({ summary: 'Be greeted' }),
    parseAuthHeader(ShortlivedToken),
    authRequired(),
    ({ token }) => `Welcome, ${token.userId}`,
  )
}

/** The whole API, the same on every server. */
export const api: Api = new Api({ prefix: '/api/v1' })
  .addResource(Login, '/login')
  .addResource(Renew, '/renew')
  .addResource(Logout, '/logout')
  .addResource(Protected, '/protected')
  .addResource(Classes, '/classes')
  .addResource(ClassImport, '/classes/import')
  .addResource(OneClass, '/classes/:id')
  .addResource(Reports, '/reports')
  .addResource(OneReport, '/reports/:id')

/** What the endpoints declare, for programs and for readers. */
const docs = apiDocs(api, {
  info: { title: 'A small school', version: '1.0.0', description: 'Log in as `test` with the password `test`.' },
})
api.addResource({ get: docs.json }, '/openapi.json').addResource({ get: docs.page }, '/docs', '/docs/:file')
