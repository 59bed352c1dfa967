import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { HttpRequest, pipeline, type RequestContext, type RequestHeaders } from 'twopi/http'
import { arg, inLocations, parser, type UploadedFile, useArgs, ValidationError } from 'twopi/webargs'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { RawHeaders } from '../../../src/http/headers.ts'
import { safeFileName } from '../../../src/webargs/file-name.ts'
import { inMediaRanges, mediaRanges } from '../../../src/webargs/media-ranges.ts'
import { UploadSink, UploadStore } from '../../../src/webargs/upload-store.ts'
import { BOUNDARY, field, file, multipart } from '../../conformance/webargs/upload-client.ts'
import { testContext } from '../../support/test-request.ts'

const context = (parts: Parameters<typeof multipart>[0]) =>
  testContext({
    body: multipart(parts),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  })

/** A request whose body comes in pieces, the second and further ones when the test lets them go. */
class SlowRequest extends HttpRequest {
  override readonly method = 'POST'
  override readonly url = '/?q=1'
  override readonly params = {}
  override readonly headers: RequestHeaders = new RawHeaders([
    'content-type',
    `multipart/form-data; boundary=${BOUNDARY}`,
  ])
  override readonly signal: AbortSignal = new AbortController().signal
  protected override readonly parsedBody: unknown = undefined
  readonly #pieces: readonly Uint8Array[]
  #begin: () => void = () => undefined
  #leave: () => void = () => undefined
  #gate: Promise<void> = Promise.resolve()
  goOn: () => void = () => undefined
  given = 0
  readonly begun: Promise<void> = new Promise((resolve) => {
    this.#begin = resolve
  })
  readonly left: Promise<void> = new Promise((resolve) => {
    this.#leave = resolve
  })

  constructor(pieces: readonly Uint8Array[]) {
    super()
    this.#pieces = pieces
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.goOn = resolve
    })
  }

  protected override readBody(): Promise<Uint8Array> {
    throw new Error('must not be read as a whole')
  }

  protected override async *streamBody(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (const piece of this.#pieces) {
        if (this.given > 0) {
          this.#begin()
          await this.#gate
        }
        this.given += 1
        yield piece
      }
    } finally {
      this.#leave()
    }
  }
}

describe('the fields for files', () => {
  it('have types that follow their options', () => {
    pipeline(
      useArgs({ a: arg.file(), b: arg.file({ optional: true }), c: arg.files() }, { location: 'files' }),
      ({ args }) => {
        expectTypeOf(args).toEqualTypeOf<{ a: UploadedFile; b?: UploadedFile | undefined; c: UploadedFile[] }>()
      },
    )
  })

  it('refuse options that cannot work', () => {
    expect(() => arg.file({ maxSize: 0 })).toThrow('`maxSize` must be a whole number from 1, found 0')
    expect(() => arg.file({ types: [] })).toThrow('found none')
    expect(() => arg.file({ types: ['image', 'a/*', '*/png'] })).toThrow('found "image", "*/png"')
    expect(() => arg.files({ minCount: 0 })).toThrow('`minCount`')
    expect(() => arg.files({ minCount: 4, maxCount: 3 })).toThrow('`maxCount` must be a whole number from 4, found 3')
  })

  it('take nothing but files', () => {
    const check = (schema: ReturnType<typeof arg.file>, value: unknown) => schema['~standard'].validate(value)
    expect(check(arg.file(), 'text')).toMatchObject({
      issues: [{ code: 'invalid_type', message: 'Not a valid file.' }],
    })
    expect(arg.files()['~standard'].validate(['text'])).toMatchObject({ issues: [{ code: 'invalid_type' }] })
  })

  it('say what they are as JSON Schema', () => {
    const schemaOf = (schema: { '~standard': ReturnType<typeof arg.file>['~standard'] }) =>
      schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
    expect(schemaOf(arg.file({ types: ['image/png'], description: 'A map.' }))).toEqual({
      type: 'string',
      contentMediaType: 'image/png',
      description: 'A map.',
    })
    expect(schemaOf(arg.file({ types: ['image/*'] }))).toEqual({
      type: 'string',
      contentMediaType: 'application/octet-stream',
    })
    expect(arg.files({ maxCount: 3 })['~standard'].jsonSchema.input({ target: 'draft-2020-12' })).toEqual({
      type: 'array',
      items: { type: 'string', contentMediaType: 'application/octet-stream' },
      minItems: 1,
      maxItems: 3,
    })
  })
})

describe('the location files at set-up', () => {
  it('refuses options that cannot work, all at once', () => {
    const uploads = { memory: -1, parts: 0, totalSize: 1.5, directory: '' }
    expect(() => useArgs({ a: arg.file() }, { location: 'files', uploads })).toThrow(
      /uploads\.memory.*uploads\.parts.*uploads\.totalSize.*uploads\.directory/,
    )
    expect(() => useArgs({ a: arg.file() }, { location: 'files', unknown: { files: 'include' } })).toThrow(
      '`unknown.files` must be "raise" or "exclude"',
    )
    expect(() => useArgs(z.any(), { location: 'files' })).toThrow('`files` needs fields by name')
  })

  it('refuses a step that comes too late for the body', () => {
    const files = useArgs({ a: arg.file() }, { location: 'files' })
    const message = 'a body is read once, by the first useArgs that needs it'
    const view = () => 'never'
    expect(() => pipeline(useArgs({ b: arg.string() }, { location: 'form' }), files, view)).toThrow(message)
    expect(() => pipeline(useArgs({ b: arg.string() }, { firstOf: ['form'] }), files, view)).toThrow(message)
    expect(() => pipeline(useArgs({ b: arg.file() }, { location: 'files' }), files, view)).toThrow(message)
    expect(() => pipeline(files, useArgs({ b: arg.string() }, { location: 'form' }), view)).not.toThrow()
    expect(() => pipeline(useArgs({ b: arg.string() }, { location: 'query' }), files, view)).not.toThrow()
  })

  it('is refused by parse(), which cannot know when files are no longer needed', async () => {
    const { request } = context([])
    await expect(parser.parse({ a: arg.file() }, request, { location: 'files' })).rejects.toThrow(
      'need the step useArgs()',
    )
    await expect(parser.parse(inLocations({ files: { a: arg.file() } }), request)).rejects.toThrow(TypeError)
  })
})

describe('an upload', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'twopi-unit-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const take = async <T>(memory: number, content: string, use: (upload: UploadedFile) => Promise<T>) => {
    let result: T | undefined
    const run = pipeline(
      useArgs({ a: arg.file() }, { location: 'files', uploads: { directory, memory } }),
      async ({ args }) => {
        result = await use(args.a)
      },
    )
    await run(context([file('a', 'a.txt', content)]))
    expect(await readdir(directory)).toEqual([])
    return result
  }

  it.each([1_000_000, 0])(
    'can be read as often as wanted, in pieces and whole (%d bytes of memory)',
    async (memory) => {
      const content = 'ä'.repeat(100_000)
      const found = await take(memory, content, async (upload) => {
        const sizes: number[] = []
        for await (const piece of upload.stream()) sizes.push(piece.length)
        return { sizes, again: (await new Response(upload.stream()).text()) === content, text: await upload.text() }
      })
      expect(found).toEqual({ sizes: [65_536, 65_536, 65_536, 3392], again: true, text: content })
    },
  )

  it.each([1000, 0])('may be empty (%d bytes of memory)', async (memory) => {
    expect(await take(memory, '', async (upload) => [upload.size, (await upload.bytes()).length])).toEqual([0, 0])
  })

  it('gives bytes that a view may change without changing the file', async () => {
    const second = await take(1000, 'abc', async (upload) => {
      ;(await upload.bytes()).fill(0)
      return upload.text()
    })
    expect(second).toBe('abc')
  })

  it.each([1000, 0])(
    'is gone after the view, also for a stream that is still read (%d bytes of memory)',
    async (memory) => {
      const late = await take(memory, 'x'.repeat(100), async (upload) => ({ upload, stream: upload.stream() }))
      await expect(late?.upload.text()).rejects.toThrow('The upload is gone')
      await expect(new Response(late?.stream).text()).rejects.toThrow()
    },
  )

  it('leaves nothing behind when another location fails in an unforeseen way', async () => {
    const broken = z.string().refine(() => {
      throw new Error('the check fails')
    })
    const run = pipeline(
      useArgs(inLocations({ form: { title: broken }, files: { a: arg.file() } }), {
        uploads: { directory, memory: 0 },
      }),
      () => 'never',
    )
    await expect(run(context([file('a', 'a', 'content'), field('title', 'x')]))).rejects.toThrow('the check fails')
    expect(await readdir(directory)).toEqual([])
  })

  it('shares its memory among all files of a request', async () => {
    const run = pipeline(
      useArgs({ a: arg.files() }, { location: 'files', uploads: { directory, memory: 10 } }),
      ({ args }) => ({ inMemory: args.a.map(({ path }) => path === undefined) }),
    )
    const parts = ['12345', '123456', '12345'].map((content, i) => file('a', String(i), content))
    const outcome: { status: number; data?: unknown } = await run(context(parts))
    expect(outcome.data).toEqual({ inMemory: [true, false, true] })
  })

  it('gives its memory back when it goes to a file', async () => {
    const run = pipeline(
      useArgs({ a: arg.files() }, { location: 'files', uploads: { directory, memory: 10 } }),
      ({ args }) => ({ inMemory: args.a.map(({ path }) => path === undefined) }),
    )
    const parts = [file('a', 'a', 'x'.repeat(12)), file('a', 'b', 'x'.repeat(10))]
    const request = new SlowRequest(Array.from(multipart(parts), (byte) => Uint8Array.of(byte)))
    const outcome: { status: number; data?: unknown } = await run({ request })
    expect(outcome.data).toEqual({ inMemory: [false, true] })
  })

  const inSingleBytes = (content: string) =>
    new SlowRequest(Array.from(multipart([file('a', 'a', content)]), (byte) => Uint8Array.of(byte)))

  it('is stored with few writes, and comes back whole, when it is sent byte by byte', async () => {
    const probe = await open(join(directory, 'probe'), 'w')
    const writes = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'writeFile')
    await probe.close()
    await rm(join(directory, 'probe'))
    const content = Array.from({ length: 70_000 }, (_, i) => String.fromCharCode(97 + (i % 23))).join('')
    const run = pipeline(
      useArgs({ a: arg.file() }, { location: 'files', uploads: { directory, memory: 66_000 } }),
      async ({ args }) => ({ onDisk: args.a.path !== undefined, whole: (await args.a.text()) === content }),
    )
    const outcome: { status: number; data?: unknown } = await run({ request: inSingleBytes(content) })
    expect(outcome.data).toEqual({ onDisk: true, whole: true })
    expect(writes.mock.calls.map(([bytes]) => (bytes as Uint8Array).length)).toEqual([65_536, 4464])
    writes.mockRestore()
  })

  it('is held in few arrays when it is sent byte by byte', async () => {
    const store = new UploadStore({ directory: undefined, memory: 1_000_000 })
    const sink = new UploadSink(store)
    let made = 0
    const counted = new Proxy(Uint8Array, {
      construct: (target, args, newTarget) => {
        made += 1
        return Reflect.construct(target, args, newTarget)
      },
    })
    const byte = Uint8Array.of(120)
    vi.stubGlobal('Uint8Array', counted)
    for (let i = 0; i < 20_000; i += 1) {
      sink.add(byte)
      await sink.flush(false)
    }
    await sink.flush(true)
    vi.unstubAllGlobals()
    expect(sink.content().size).toBe(20_000)
    expect(made).toBeLessThan(30)
  })

  it('leaves nothing of a piece behind once it was read', async () => {
    const race = vi.spyOn(Promise, 'race')
    const run = pipeline(useArgs({ a: arg.file() }, { location: 'files' }), ({ args }) => ({ size: args.a.size }))
    const outcome: { status: number; data?: unknown } = await run({ request: inSingleBytes('x'.repeat(100)) })
    expect(outcome.data).toEqual({ size: 100 })
    // A race leaves a reaction at each promise in it, and one that lives as long as the body would collect them.
    expect(race).not.toHaveBeenCalled()
    race.mockRestore()
  })

  it('is not received any further when the step has failed already', async () => {
    const body = multipart([file('a', 'a', 'x'.repeat(500))])
    const request = new SlowRequest([body.subarray(0, 200), body.subarray(200, 300), body.subarray(300)])
    const validate = async (): Promise<{ value: string }> => {
      await request.begun
      throw new Error('the check fails')
    }
    const broken = { '~standard': { version: 1, vendor: 'test', validate } } as const
    const run = pipeline(
      useArgs(inLocations({ query: { q: broken }, files: { a: arg.file() } }), {
        uploads: { directory, memory: 1000 },
      }),
      () => 'never',
    )
    request.hold()
    await expect(run({ request })).rejects.toThrow('the check fails')
    request.goOn()
    await request.left
    expect(request.given).toBe(2)
    expect(await readdir(directory)).toEqual([])
  })

  it('that cannot be removed is told to the log and does not change the answer', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const run = pipeline(
      useArgs({ a: arg.file() }, { location: 'files', uploads: { directory, memory: 0 } }),
      async () => 'done',
    )
    const fs = (await import('node:fs')).promises
    const removal = vi.spyOn(fs, 'rm').mockRejectedValueOnce(new Error('busy'))
    expect((await run(context([file('a', 'a', 'content')]))).status).toBe(200)
    expect(log).toHaveBeenCalledWith('The temporary files of an upload could not be removed:', expect.any(Error))
    removal.mockRestore()
    log.mockRestore()
    for (const left of await readdir(directory)) await rm(join(directory, left), { recursive: true })
  })

  it('never makes anything but an upload or a refusal of arbitrary bytes', async () => {
    const step = useArgs(
      inLocations({ files: { a: arg.file({ maxSize: 50 }) }, form: { b: arg.string({ optional: true }) } }),
      {
        uploads: { directory, memory: 5 },
      },
    )
    const run = pipeline(step, ({ args }) => args.a.text())
    const token = fc.constantFrom(
      `--${BOUNDARY}`,
      `--${BOUNDARY}--`,
      '\r\n',
      '\n',
      '\r\n\r\n',
      'Content-Disposition: form-data; name="a"; filename="x"',
      "Content-Disposition: form-data; name=a; filename*=UTF-8''%zz",
      'Content-Disposition: form-data; name="b"',
      'Content-Type: multipart/mixed; boundary=b',
      'Content-Type: ;',
      ': ',
      '\0',
    )
    const body = fc.array(fc.oneof(token, token, fc.string({ unit: 'binary', maxLength: 80 })), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (tokens, started) => {
        const text = (started ? `--${BOUNDARY}\r\n` : '') + tokens.join('')
        const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
        const input: RequestContext = testContext({ body: text, headers })
        try {
          await run(input)
        } catch (error) {
          if (!(error instanceof ValidationError)) throw error
        }
        return (await readdir(directory)).length === 0
      }),
      { numRuns: 500 },
    )
  })
})

describe('a multipart form without files', () => {
  it.each(['form', 'json_or_form'] as const)('is held to the limits of uploads (%s)', async (location) => {
    const run = (uploads: { parts?: number; totalSize?: number }) =>
      pipeline(useArgs({ a: arg.string() }, { location, uploads }), ({ args }) => args.a)
    const three = ['x', 'y', 'z'].map((text) => field('a', text))
    expect((await run({ parts: 3 })(context(three))).status).toBe(200)
    await expect(run({ parts: 2 })(context(three))).rejects.toMatchObject({
      status: 413,
      issues: [{ location, message: 'There are more than 2 parts.' }],
    })
    await expect(run({ totalSize: 100 })(context(three))).rejects.toMatchObject({
      status: 413,
      issues: [{ location, message: 'The body must not be larger than 100 bytes.' }],
    })
  })

  it('hold for a multipart form in which `firstOf` looks too', async () => {
    const run = (parts: number) =>
      pipeline(useArgs({ a: arg.string() }, { firstOf: ['query', 'form'], uploads: { parts } }), ({ args }) => args)
    const three = [field('a', '1'), field('b', '2'), field('c', '3')]
    expect((await run(3)(context(three))).status).toBe(200)
    await expect(run(2)(context(three))).rejects.toMatchObject({
      status: 413,
      issues: [{ message: 'There are more than 2 parts.' }],
    })
  })
})

describe('names of files', () => {
  it('are one plain name of at most 255 bytes, whatever was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (sent) => {
        const name = safeFileName(sent)
        expect(name).not.toMatch(/[/\\\p{Cc}\p{Cs}]/u)
        expect(['.', '..']).not.toContain(name)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(safeFileName(name)).toBe(name)
      }),
    )
  })

  it('stay as they are when nothing is wrong with them', () => {
    for (const name of ['a.txt', '.env', 'two words.tar.gz', '日本.png', '']) expect(safeFileName(name)).toBe(name)
  })
})

describe('media ranges', () => {
  it('match by type, by kind and all, without regard to case', () => {
    const ranges = mediaRanges(['Image/*', 'application/PDF'])
    for (const type of ['image/png', 'image/svg+xml', 'application/pdf']) expect(inMediaRanges(type, ranges)).toBe(true)
    for (const type of ['imagex/png', 'application/pdfx', 'text/plain', ''])
      expect(inMediaRanges(type, ranges)).toBe(false)
    expect(inMediaRanges('text/plain', mediaRanges(['*/*']))).toBe(true)
  })
})
