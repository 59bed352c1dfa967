import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { around, limitBody, type RequestContext } from 'twopi/http'
import { arg, inLocations, UploadedFile, useArgs } from 'twopi/webargs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UploadApp, UploadAppFactory } from './upload-apps.ts'
import { type Answer, BOUNDARY, field, file, multipart, type Part, post } from './upload-client.ts'

const MIB = 1_048_576

/** What a test may wait for. */
class Moment {
  #reached: () => void = () => undefined
  readonly come: Promise<void> = new Promise((resolve) => {
    this.#reached = resolve
  })

  reach(): void {
    this.#reached()
  }
}

/** The contract of uploads. A variant's own test file is its factory. */
export function describeUploads(name: string, createApp: UploadAppFactory): void {
  describe(`uploads on ${name}`, () => {
    const base = mkdtempSync(join(tmpdir(), 'twopi-test-'))
    const directory = join(base, 'uploads')
    const saved = join(base, 'saved')
    const uploads = { directory, memory: 1000 }
    const errors: unknown[] = []
    let kept: UploadedFile | undefined
    let reading = new Moment()
    let failed = new Moment()
    let seen: { count: number; mode: number; fileMode: number } | undefined
    let peak = 0
    let app: UploadApp

    const describeFile = async (upload: UploadedFile) => ({
      ...upload,
      text: await upload.text(),
      inMemory: upload.path === undefined,
    })
    const photo = useArgs(
      { photo: arg.file({ maxSize: 5000, types: ['image/*', 'text/plain'] }) },
      { location: 'files', uploads },
    )
    const note = around(async (_context: RequestContext, next) => {
      reading.reach()
      try {
        return await next()
      } catch (error) {
        failed.reach()
        throw error
      }
    })

    const routes = {
      '/one': [note, photo, ({ args }: { args: { photo: UploadedFile } }) => describeFile(args.photo)],
      '/large': [
        note,
        useArgs({ photo: arg.file() }, { location: 'files', uploads }),
        ({ args }: { args: { photo: UploadedFile } }) => describeFile(args.photo),
      ],
      '/many': [
        useArgs(
          { docs: arg.files({ maxSize: 5000, maxCount: 3, minCount: 2 }), extra: arg.file({ optional: true }) },
          { location: 'files', uploads },
        ),
        async ({ args }: { args: { docs: UploadedFile[]; extra?: UploadedFile } }) => ({
          docs: await Promise.all(args.docs.map(describeFile)),
          extra: args.extra?.filename ?? null,
        }),
      ],
      '/form': [
        useArgs(
          inLocations({
            query: { id: arg.int() },
            form: { title: arg.string({ min: 3 }), tags: arg.list(arg.string(), { optional: true }) },
            files: { photo: arg.file({ maxSize: 5000, types: ['image/png'] }), other: arg.file() },
          }),
          { uploads },
        ),
        async ({ args: { photo, other, ...rest } }: { args: Record<string, UploadedFile> }) => ({
          ...rest,
          photo: await photo?.text(),
          other: await other?.text(),
        }),
      ],
      '/fields-only': [
        limitBody(3000),
        useArgs({ title: arg.string() }, { location: 'form' }),
        ({ args }: { args: object }) => args,
      ],
      '/json-or-form': [
        useArgs({ title: arg.string() }, { location: 'json_or_form' }),
        ({ args }: { args: object }) => args,
      ],
      '/first-of': [
        useArgs({ title: arg.string() }, { firstOf: ['query', 'form', 'json'] }),
        ({ args }: { args: object }) => args,
      ],
      '/stacked': [
        photo,
        useArgs({ title: arg.string() }, { location: 'form' }),
        async ({ args }: { args: { photo: UploadedFile; title: string } }) => ({
          title: args.title,
          photo: await args.photo.text(),
        }),
      ],
      '/strict': [
        useArgs({ photo: arg.file() }, { location: 'files', unknown: { files: 'raise' }, uploads }),
        () => 'taken',
      ],
      '/schema': [
        useArgs(z.object({ photo: z.instanceof(UploadedFile).refine(({ size }) => size > 3, 'Too short.') }), {
          location: 'files',
          uploads,
        }),
        ({ args }: { args: { photo: UploadedFile } }) => ({ size: args.photo.size }),
      ],
      '/few-parts': [
        useArgs({ photo: arg.file() }, { location: 'files', uploads: { ...uploads, parts: 5 } }),
        () => 'taken',
      ],
      '/total': [
        useArgs(
          { photo: arg.file({ maxSize: 5000 }) },
          { location: 'files', uploads: { ...uploads, totalSize: 2000 } },
        ),
        () => 'taken',
      ],
      '/big': [
        useArgs({ video: arg.file({ maxSize: 60 * MIB }) }, { location: 'files', uploads: { directory } }),
        async ({ args: { video } }: { args: { video: UploadedFile } }) => {
          let read = 0
          for await (const piece of video.stream()) {
            read += piece.length
          }
          peak = Math.max(peak, liveBytes())
          return { size: video.size, read, inMemory: video.path === undefined }
        },
      ],
      '/inspect': [
        photo,
        async ({ args }: { args: { photo: UploadedFile } }) => {
          const folders = readdirSync(directory)
          const mode = (await stat(join(directory, folders[0] ?? ''))).mode & 0o777
          const fileMode = (await stat(args.photo.path ?? '')).mode & 0o777
          seen = { count: folders.length, mode, fileMode }
          kept = args.photo
          return 'seen'
        },
      ],
      '/save': [
        photo,
        async ({ args }: { args: { photo: UploadedFile } }) => {
          await args.photo.saveTo(join(saved, args.photo.filename))
          return {
            taken: await args.photo.saveTo(join(saved, args.photo.filename)).then(
              () => 'twice',
              (error: unknown) => (error as { code?: string }).code,
            ),
          }
        },
      ],
      '/throws': [
        photo,
        () => {
          throw new Error('the view fails')
        },
      ],
    }

    beforeAll(async () => {
      await mkdir(directory)
      await mkdir(saved)
      app = await createApp(routes, (error) => errors.push(error))
    })
    afterAll(async () => {
      await app.close()
      rmSync(base, { recursive: true })
    })

    /** The promise of every case: nothing stays behind, and the server goes on. */
    afterEach(async () => {
      expect(readdirSync(directory)).toEqual([])
      expect(await send('/one', [file('photo', 'a.txt', 'still here')])).toMatchObject({
        status: 200,
        body: { text: 'still here' },
      })
      expect(readdirSync(directory)).toEqual([])
      expect(errors.splice(0)).toEqual([])
      reading = new Moment()
      failed = new Moment()
    })

    const send = (path: string, parts: readonly Part[]): Promise<Answer> => raw(path, multipart(parts))
    const raw = (path: string, body: Uint8Array | AsyncIterable<Uint8Array>, type?: string): Promise<Answer> =>
      post({ port: app.port, path, body, ...(type === undefined ? {} : { type }) })
    const big = (size: number) => Buffer.alloc(size, 'x')

    it('gives a small file from memory', async () => {
      const answer = await send('/one', [file('photo', 'a.txt', 'hellö', 'Text/Plain; charset=utf-8')])
      expect(answer).toEqual({
        status: 200,
        body: { name: 'photo', filename: 'a.txt', type: 'text/plain', size: 6, text: 'hellö', inMemory: true },
      })
    })

    it('gives a larger one from a temporary file', async () => {
      const text = 'line\r\n--\r\n'.repeat(400)
      const { status, body } = await send('/one', [file('photo', 'a.png', text, 'image/png')])
      expect({ status, body }).toMatchObject({ status: 200, body: { size: 4000, text, inMemory: false } })
    })

    it('keeps temporary files in one folder of the request that nobody else may enter, and ends their lives', async () => {
      expect((await send('/inspect', [file('photo', 'a.txt', big(3000))])).status).toBe(200)
      expect(seen).toEqual({ count: 1, mode: 0o700, fileMode: 0o600 })
      await expect(kept?.bytes()).rejects.toThrow('The upload is gone')
      await expect(kept?.saveTo(join(saved, 'late'))).rejects.toThrow(TypeError)
    })

    it.each([10, 3000])('saves a file of %d bytes and never overwrites', async (size) => {
      const answer = await send('/save', [file('photo', `../up/${size}.txt`, big(size))])
      expect(answer).toEqual({ status: 200, body: { taken: 'EEXIST' } })
      const path = join(saved, `${size}.txt`)
      expect((await readFile(path)).length).toBe(size)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    })

    it('gives several files as a list, in their order, and one as one', async () => {
      const { status, body } = await send('/many', [
        file('docs', 'a', big(3000)),
        file('docs', 'b', 'B'),
        file('extra', 'x', 'X'),
        file('docs', 'c', ''),
      ])
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          docs: [
            { filename: 'a', size: 3000, inMemory: false },
            { filename: 'b', text: 'B' },
            { filename: 'c', text: '' },
          ],
          extra: 'x',
        },
      })
    })

    it('takes the first of several under a name for one file', async () => {
      const { body } = await send('/one', [file('photo', 'a', 'first'), file('photo', 'b', big(9000))])
      expect(body).toMatchObject({ filename: 'a', text: 'first' })
    })

    it('says what is missing: no part, an input without a choice, a text, no body', async () => {
      const missing = { status: 422, body: { files: { photo: ['Missing data for required field.'] } } }
      expect(await send('/one', [])).toEqual(missing)
      expect(await send('/one', [file('photo', '', '', 'application/octet-stream')])).toEqual(missing)
      expect(await send('/one', [field('photo', 'text')])).toEqual(missing)
      expect(await raw('/one', new Uint8Array())).toEqual(missing)
      expect(await raw('/one', pieces([]))).toEqual(missing)
    })

    it('counts files of a list both ways', async () => {
      expect(await send('/many', [file('docs', 'a', 'A')])).toEqual({
        status: 422,
        body: { files: { docs: ['There must be at least 2 files.'] } },
      })
      const four = ['a', 'b', 'c', 'd'].map((filename) => file('docs', filename, big(1500)))
      expect(await send('/many', four)).toEqual({
        status: 413,
        body: { files: { docs: ['There must not be more than 3 files.'] } },
      })
    })

    it('answers a file that is too large with 413, named by its field and index', async () => {
      expect(await send('/one', [file('photo', 'a.txt', big(5001))])).toEqual({
        status: 413,
        body: { files: { photo: ['The file must not be larger than 5000 bytes.'] } },
      })
      expect((await send('/one', [file('photo', 'a.txt', big(5000))])).status).toBe(200)
      expect(await send('/many', [file('docs', 'a', 'A'), file('docs', 'b', big(5001))])).toEqual({
        status: 413,
        body: { files: { docs: { 1: ['The file must not be larger than 5000 bytes.'] } } },
      })
    })

    it('answers before the client has sent all of what is too large', async () => {
      let sent = 0
      let answered = false
      const endless = async function* () {
        yield Buffer.from(`--${BOUNDARY}\r\n${file('photo', 'a.txt', '').headers.join('\r\n')}\r\n\r\n`)
        while (!answered && sent < 2000 * MIB) {
          sent += 65_536
          yield big(65_536)
          await new Promise((resolve) => setImmediate(resolve))
        }
        yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
      }
      const answer = await raw('/one', endless()).then((result) => {
        answered = true
        return result
      })
      expect(answer.status).toBe(413)
      expect(sent).toBeLessThan(500 * MIB)
    })

    it('keeps the connection after a 413', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const path = '/one'
      const over = await post({ port: app.port, path, body: multipart([file('photo', 'a', big(300_000))]), agent })
      expect(over.status).toBe(413)
      const next = await post({ port: app.port, path, body: multipart([file('photo', 'a', 'next')]), agent })
      expect(next).toMatchObject({ status: 200, body: { text: 'next' } })
      agent.destroy()
    })

    it('answers a length that is too large before the first byte', async () => {
      const { status, text } = await startOnly(app.port, '/total', `Content-Length: ${2001}`)
      expect(status).toBe(413)
      expect(JSON.parse(text)).toEqual({ files: ['The body must not be larger than 2000 bytes.'] })
    })

    it('reports everything that is wrong, in all locations', async () => {
      const { status, body } = await post({
        port: app.port,
        path: '/form?id=x',
        body: multipart([field('title', 'ab'), file('photo', 'a.txt', big(3000)), field('unknown', '1')]),
      })
      expect({ status, body }).toEqual({
        status: 422,
        body: {
          query: { id: ['Not a valid integer.'] },
          files: { photo: ['The file must be of the type image/png.'], other: ['Missing data for required field.'] },
          form: { title: ['Shorter than minimum length 3.'], unknown: ['Unknown field.'] },
        },
      })
    })

    it('gives files and the fields that came with them', async () => {
      const answer = await post({
        port: app.port,
        path: '/form?id=7',
        body: multipart([
          field('title', 'Tïtle'),
          field('tags', 'a'),
          file('photo', 'a.png', big(1500), 'image/png'),
          field('tags', 'b'),
          file('other', 'b', 'second'),
        ]),
      })
      expect(answer).toEqual({
        status: 200,
        body: { id: 7, title: 'Tïtle', tags: ['a', 'b'], photo: 'x'.repeat(1500), other: 'second' },
      })
    })

    it('takes fields of multipart/form-data wherever a form is taken, and drops files nobody declared', async () => {
      const parts = [field('title', 'T'), file('photo', 'a.txt', 'dropped')]
      for (const path of ['/fields-only', '/json-or-form', '/first-of']) {
        expect(await send(path, parts)).toEqual({ status: 200, body: { title: 'T' } })
      }
      expect(await send('/stacked', parts)).toEqual({ status: 200, body: { title: 'T', photo: 'dropped' } })
    })

    it('refuses files that nobody declared where it is told to', async () => {
      const parts = [file('photo', 'a', 'A'), file('b', 'b', 'B'), file('b', 'b', 'B')]
      expect(await send('/strict', parts)).toEqual({ status: 422, body: { files: { b: ['Unknown field.'] } } })
      expect((await send('/one', parts)).status).toBe(200)
    })

    it('gives files to schemas of other libraries', async () => {
      expect(await send('/schema', [file('photo', 'a', 'long')])).toEqual({ status: 200, body: { size: 4 } })
      expect(await send('/schema', [file('photo', 'a', 'abc')])).toEqual({
        status: 422,
        body: { files: { photo: ['Too short.'] } },
      })
    })

    it('says in words which content type it wants', async () => {
      const message = 'The body must be a form with files ("multipart/form-data").'
      expect(await raw('/one', Buffer.from('{}'), 'application/json')).toEqual({
        status: 415,
        body: { files: [message] },
      })
      expect((await raw('/one', Buffer.from('photo=x'), 'application/x-www-form-urlencoded')).status).toBe(415)
    })

    it('answers what is no multipart with 400', async () => {
      const malformed = { status: 400, body: { files: ['Invalid multipart body.'] } }
      const whole = multipart([file('photo', 'a.txt', big(3000))])
      expect(await raw('/one', whole.subarray(0, 2000))).toEqual(malformed)
      expect(await raw('/one', whole.subarray(0, whole.length - 6))).toEqual(malformed)
      expect(await raw('/one', whole, 'multipart/form-data; boundary=another')).toEqual(malformed)
      expect(await raw('/one', whole, 'multipart/form-data')).toEqual(malformed)
      expect(await raw('/one', whole, 'multipart/form-data; boundary=')).toEqual(malformed)
      expect(await raw('/one', Buffer.from('\0\xff\r\n--'))).toEqual(malformed)
      expect(await raw('/fields-only', whole.subarray(0, 2000))).toEqual({
        status: 400,
        body: { form: ['Invalid multipart body.'] },
      })
    })

    it('makes names of files safe', async () => {
      const names: Readonly<Record<string, string>> = {
        '../../x': 'x',
        '..\\..\\boot.ini': 'boot.ini',
        'C:\\\\fakepath\\\\a.png': 'a.png',
        '/etc/passwd': 'passwd',
        '..': '',
        'a\0.txt': 'a.txt',
        'ünïcode 日本.txt': 'ünïcode 日本.txt',
        'photo\u202Egpj.exe': 'photogpj.exe',
        [`${'é'.repeat(300)}.txt`]: `${'é'.repeat(125)}.txt`,
      }
      for (const [sent, safe] of Object.entries(names)) {
        const { body } = await send('/one', [file('photo', sent, 'x')])
        expect((body as { filename: string }).filename, sent).toBe(safe)
      }
    })

    it('reads names in UTF-8 by their extended notation, and survives broken ones', async () => {
      const named = (parameter: string): Part => ({
        headers: [`Content-Disposition: form-data; name="photo"; ${parameter}`, 'Content-Type: text/plain'],
        content: 'x',
      })
      const { body } = await send('/one', [named("filename*=UTF-8''%e6%97%a5%2Fa.txt")])
      expect(body).toMatchObject({ filename: 'a.txt' })
      for (const broken of ["filename*=UTF-8''%zz", "filename*=nonsense''%e6", 'filename*=', 'filename="\ud800"']) {
        expect((await send('/one', [named(broken)])).status, broken).toBeLessThan(500)
      }
    })

    it('does not mind names that every object has', async () => {
      const parts = ['__proto__', 'constructor', 'toString'].flatMap((odd) => [field(odd, '1'), file(odd, odd, '2')])
      expect((await send('/one', [...parts, file('photo', 'a', 'A')])).status).toBe(200)
      expect((await send('/strict', parts)).status).toBe(422)
      expect((await send('/fields-only', parts)).status).toBe(422)
    })

    it('answers more parts than it takes with 413, as many as they are', async () => {
      const parts = (count: number) => Array.from({ length: count }, (_, i) => field(`f${i}`, 'x'))
      const tooMany = (count: number) => ({ status: 413, body: { files: [`There are more than ${count} parts.`] } })
      expect(await send('/few-parts', [...parts(5), file('photo', 'a', 'A')])).toEqual(tooMany(5))
      expect((await send('/few-parts', [...parts(4), file('photo', 'a', 'A')])).status).toBe(200)
      expect((await send('/one', [...parts(999), file('photo', 'a', 'A')])).status).toBe(200)
      expect(await send('/one', [...parts(1001), file('photo', 'a', 'A')])).toEqual(tooMany(1000))
    })

    it('holds fields, headers and what stands between to the limit of the route, together', async () => {
      const over = (location: string) => ({
        status: 413,
        body: { [location]: ['The fields must not be larger than 1048576 bytes together.'] },
      })
      const video = file('video', 'a', 'A')
      const half = 'x'.repeat(600_000)
      expect(await send('/big', [field('a', half), field('b', half), video])).toEqual(over('files'))
      const long = { headers: [...video.headers, `x-long: ${'y'.repeat(1_100_000)}`], content: 'A' }
      expect(await send('/big', [long])).toEqual(over('files'))
      expect((await send('/big', [field('a', half), video])).status).toBe(200)
      expect(await send('/fields-only', [field('title', 'x'.repeat(3000))])).toEqual({
        status: 413,
        body: { form: ['The body must not be larger than 3000 bytes.'] },
      })
    })

    it('reads bodies that come byte by byte', async () => {
      const body = multipart([field('title', 'Tït'), file('photo', 'ä.txt', '\r\n--x\r\n', 'text/plain')])
      const bytes = Array.from(body, (byte) => Uint8Array.of(byte))
      expect(await raw('/stacked', pieces(bytes))).toEqual({
        status: 200,
        body: { title: 'Tït', photo: '\r\n--x\r\n' },
      })
    })

    it('removes everything when the view throws', async () => {
      expect((await send('/throws', [file('photo', 'a.txt', big(3000))])).status).toBe(500)
      expect(errors.splice(0)).toHaveLength(1)
    })

    it('removes everything when the client goes away in the middle', async () => {
      const socket = connect(app.port, '127.0.0.1')
      socket.on('error', () => undefined)
      const start = multipart([file('photo', 'a.txt', big(200_000))]).subarray(0, 150_000)
      socket.write(
        `POST /large HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: 201000\r\n\r\n`,
      )
      socket.write(start)
      await reading.come
      while (readdirSync(directory).length === 0) await new Promise((resolve) => setImmediate(resolve))
      socket.destroy()
      await failed.come
    })

    it('does not hold 50 MiB in memory', async () => {
      const size = 50 * MIB
      const piece = big(65_536)
      const before = liveBytes()
      peak = 0
      const body = async function* () {
        yield Buffer.from(`--${BOUNDARY}\r\n${file('video', 'v.mp4', '').headers.join('\r\n')}\r\n\r\n`)
        for (let sent = 0; sent < size; sent += piece.length) {
          if (sent % (5 * MIB) === 0) peak = Math.max(peak, liveBytes())
          yield piece
        }
        yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
      }
      const answer = await raw('/big', body())
      expect(answer).toEqual({ status: 200, body: { size, read: size, inMemory: false } })
      expect(peak - before).toBeLessThan(25 * MIB)
    }, 60_000)
  })
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What buffers hold that somebody still needs. */
function liveBytes(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

async function* pieces(list: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* list
}

/** Sends the head of a request and nothing of its body. */
function startOnly(port: number, path: string, length: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      text += chunk.toString()
      const [head = '', rest = ''] = text.split('\r\n\r\n')
      const expected = /content-length: (\d+)/i.exec(head)?.[1]
      if (expected === undefined || rest.length < Number(expected)) return
      socket.destroy()
      resolve({ status: Number(head.split(' ')[1]), text: rest })
    })
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\n${length}\r\n\r\n`,
    )
  })
}
