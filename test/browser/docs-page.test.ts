import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import { view } from 'twopi/fetch'
import { pipeline } from 'twopi/http'
import { apiDocs, describe as describeEndpoint } from 'twopi/openapi'
import { Api } from 'twopi/restful'
import { arg, useArgs } from 'twopi/webargs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../support/find-chromium.ts'

const chromium = findChromium()
const suite = chromium === undefined && !process.env['CI'] ? describe.skip : describe

suite('the documentation page in Chromium (install chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twopi-chromium-'))
  const asked: string[] = []
  let server: Server
  let origin: string

  beforeAll(async () => {
    const list = pipeline(
      describeEndpoint({ summary: 'All classes' }),
      useArgs({ page: arg.int({ default: 1, description: 'Counted from one.' }) }, { location: 'query' }),
      () => [],
    )
    const api = new Api({ prefix: '/api' }).addResource({ get: list }, '/classes')
    const description = '<img src="https://outside.example/x.png"> <script>document.title = "run"</script>'
    const docs = apiDocs(api, { info: { title: 'A <small> school', version: '1.2.3', description } })
    api.addResource({ get: docs.json }, '/openapi.json').addResource({ get: docs.page }, '/docs', '/docs/:file')
    const answer = view(api.view)
    server = createServer(
      getRequestListener((request) => {
        asked.push(new URL(request.url).pathname)
        return answer(request)
      }),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  /** The page when its scripts have run, and what the browser had to say of it. */
  async function open(path: string) {
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--enable-logging=stderr',
      `--user-data-dir=${folder}`,
      // Nothing but this server can be reached; the browser's own requests neither.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--virtual-time-budget=20000',
      '--dump-dom',
      `${origin}${path}`,
    ]
    const { stdout, stderr } = await promisify(execFile)(chromium ?? 'chromium', options, { maxBuffer: 64_000_000 })
    return { html: stdout, console: stderr.split('\n').filter((line) => line.includes(':CONSOLE')) }
  }

  it('shows the endpoints, and asks this server alone for what it needs', async () => {
    const { html, console } = await open('/api/docs#/classes/getClasses')
    expect(html).toContain('A &lt;small&gt; school')
    expect(html).toContain('All classes')
    expect(html).toContain('Counted from one.')
    // A browser may ask for the icon later.
    expect(new Set(asked.filter((path) => !path.endsWith('.png')))).toEqual(
      new Set([
        '/api/docs',
        '/api/docs/swagger-ui.css',
        '/api/docs/swagger-ui-bundle.js',
        '/api/docs/start.js',
        '/api/openapi.json',
      ]),
    )
    // The picture that the description asks for is refused, and nothing else is asked for outside.
    expect(console).toEqual([expect.stringMatching(/outside\.example\/x\.png.*Content Security Policy/)])
    expect(html).toContain('<title>A &lt;small&gt; school</title>')
  }, 60_000)
})
