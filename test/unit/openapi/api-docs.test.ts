import { createRequire } from 'node:module'
import type { HttpResponse } from 'twopi/http'
import { apiDocs, OpenApiError } from 'twopi/openapi'
import { Api } from 'twopi/restful'
import { describe, expect, it } from 'vitest'
import { docsPage } from '../../../src/openapi/docs-page.ts'
import { ViewerFiles } from '../../../src/openapi/viewer-files.ts'
import { testContext } from '../../support/test-request.ts'

const info = { title: 'A small school', version: '1.0.0' }
const get = (api: Api, url: string) =>
  api.view(testContext({ method: 'GET', url })) as HttpResponse | Promise<HttpResponse>

describe('the views of apiDocs', () => {
  it('document what is added after them, and not themselves', async () => {
    const api = new Api({ prefix: '/api' })
    const docs = apiDocs(api, { info })
    api.addResource({ get: docs.json }, '/openapi.json').addResource({ get: docs.page }, '/docs', '/docs/:file')
    api.addResource({ get: () => 'x' }, '/late')
    const { status, body } = await get(api, '/api/openapi.json')
    expect(status).toBe(200)
    expect(Object.keys(JSON.parse(String(body)).paths)).toEqual(['/api/late'])
    expect((await get(api, '/api/docs')).status).toBe(200)
  })

  it('refuse options that cannot be used, when they are made', () => {
    expect(() => apiDocs(new Api(), { info: {} as never })).toThrow(
      new TypeError('openapi: `info.title` must be a text; `info.version` must be a text'),
    )
  })
})

describe('what a client has already', () => {
  const docs = apiDocs(new Api(), { info })
  const startJs = (tags?: string) => {
    const { request } = testContext({ method: 'GET', headers: tags === undefined ? {} : { 'if-none-match': tags } })
    request.setParams({ file: 'start.js' })
    return docs.page({ request })
  }

  it('is not sent again, be its tag weak or one of a list', async () => {
    const { headers } = await startJs()
    const etag = String(headers['etag'])
    expect(etag).toMatch(/^".+"$/)
    for (const tags of [etag, `W/${etag}`, `"a,b", ${etag}`, `W/"x",W/${etag}`, '*']) {
      expect([tags, (await startJs(tags)).status]).toEqual([tags, 304])
    }
    for (const tags of ['', '"x"', etag.slice(1, -1), `"x${etag}`, `"*"`]) {
      expect([tags, (await startJs(tags)).status]).toEqual([tags, 200])
    }
  })

  it('is asked about again when it is the document, which may change', () => {
    expect(docs.json(testContext()).headers['cache-control']).toBe('no-cache')
  })
})

describe('the page', () => {
  it('has its files below its own last segment, wherever a proxy shows it', () => {
    const of = (path: string) => docsPage({ title: '', path, documentUrl: 'openapi.json' })
    expect(of('/api/v1/docs')).toContain('src="./docs/start.js"')
    expect(of('/docs/')).toContain('src="./start.js"')
  })

  it('shows texts as texts', () => {
    const page = docsPage({ title: '</title><script>"', path: '/"><script>', documentUrl: `x"'&` })
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(page).toContain('data-url="x&#34;&#39;&#38;"')
  })
})

describe('without the package of the viewer', () => {
  const NOBODY_HAS = 'a-viewer-that-nobody-has'
  const require = createRequire(import.meta.url)
  const missing = new ViewerFiles(async () => {
    require.resolve(`${NOBODY_HAS}/package.json`)
    return expect.fail('it is there')
  })

  it('says what to install', async () => {
    const error = await missing.find('swagger-ui.css').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenApiError)
    expect(error).toMatchObject({
      code: 'ERR_OPENAPI_VIEWER_MISSING',
      message: expect.stringMatching(/`npm install swagger-ui-dist`\.$/),
      cause: { code: 'MODULE_NOT_FOUND' },
    })
    await expect(missing.assertInstalled()).rejects.toThrow(OpenApiError)
  })

  it('passes on any other failure as it is, and tries again with the next request', async () => {
    let opened = 0
    const files = new ViewerFiles(async () => {
      opened += 1
      if (opened === 1) throw new RangeError('no')
      return { version: '1', read: async () => new Uint8Array(1) }
    })
    await expect(files.find('swagger-ui.css')).rejects.toThrow(RangeError)
    await expect(files.find('swagger-ui.css')).resolves.toMatchObject({ type: 'text/css; charset=utf-8', etag: '"1"' })
    await files.find('swagger-ui.css')
    expect(opened).toBe(2)
  })
})
