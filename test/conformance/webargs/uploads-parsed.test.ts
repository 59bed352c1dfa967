import fastifyMultipart from '@fastify/multipart'
import multer from 'multer'
import { HttpError } from 'twopi/http'
import { arg, type UploadedFile, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { expressUploads, fastifyUploads, type UploadAppFactory } from './upload-apps.ts'
import { type Answer, field, file, multipart, post } from './upload-client.ts'

const routes = {
  '/form': [
    useArgs({ title: arg.string(), tags: arg.list(arg.string()) }, { location: 'form', unknown: { form: 'exclude' } }),
    ({ args }: { args: object }) => args,
  ],
  '/file': [
    useArgs({ photo: arg.file() }, { location: 'files' }),
    async ({ args }: { args: { photo: UploadedFile } }) => ({ text: await args.photo.text() }),
  ],
}
const body = multipart([field('title', 'T'), field('tags', 'a'), field('tags', 'b'), file('photo', 'p.txt', 'content')])

async function withApp(createApp: UploadAppFactory, use: (send: (path: string) => Promise<Answer>) => Promise<void>) {
  const errors: unknown[] = []
  const app = await createApp(routes, (error) => errors.push(error))
  try {
    await use((path) => post({ port: app.port, path, body }))
  } finally {
    await app.close()
  }
  return errors
}

const FIELDS = { status: 200, body: { title: 'T', tags: ['a', 'b'] } }

describe('a multipart body that the framework has parsed', () => {
  it.each([
    ['multer', expressUploads(multer().any())],
    [
      "@fastify/multipart with attachFieldsToBody: 'keyValues'",
      fastifyUploads((app) => {
        app.register(fastifyMultipart, { attachFieldsToBody: 'keyValues' })
      }),
    ],
  ] satisfies [string, UploadAppFactory][])(
    'gives its fields, and says so where files are wanted: %s',
    async (_, createApp) => {
      const errors = await withApp(createApp, async (send) => {
        expect(await send('/form')).toEqual(FIELDS)
        expect((await send('/file')).status).toBe(500)
      })
      expect(errors).toHaveLength(1)
      expect(errors[0]).toBeInstanceOf(TypeError)
      expect(errors[0]).not.toBeInstanceOf(HttpError)
      expect(String(errors[0])).toContain('has already parsed this multipart body')
    },
  )

  it('is read by us when @fastify/multipart waits to be asked', async () => {
    const createApp = fastifyUploads((app) => {
      app.register(fastifyMultipart)
    })
    const errors = await withApp(createApp, async (send) => {
      expect(await send('/form')).toEqual(FIELDS)
      expect(await send('/file')).toEqual({ status: 200, body: { text: 'content' } })
    })
    expect(errors).toEqual([])
  })
})
