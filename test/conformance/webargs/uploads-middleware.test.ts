import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { middleware } from 'twopi/express'
import { arg, useArgs } from 'twopi/webargs'
import { expect, it } from 'vitest'
import { file, multipart, post } from './upload-client.ts'

it('uploads taken by a middleware exist until the response of the own handler of Express was sent', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'twopi-middleware-'))
  const uploads = middleware(useArgs({ a: arg.file() }, { location: 'files', uploads: { directory, memory: 0 } }))
  const app = express()
  let during = 0
  const closed = new Promise<void>((resolve) => {
    app.post('/', uploads, async (req, res) => {
      res.once('close', resolve)
      const { a } = uploads.context(req).args
      during = (await readdir(directory)).length
      res.json({ text: await a.text() })
    })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const body = multipart([file('a', 'a.txt', 'content')])
  expect(await post({ port, path: '/', body })).toEqual({ status: 200, body: { text: 'content' } })
  expect(during).toBe(1)
  await closed
  await expect.poll(() => readdir(directory)).toEqual([])
  server.close()
  await rm(directory, { recursive: true })
})
