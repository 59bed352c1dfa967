import { type ArgsOptions, ArgsParser, arg, inLocations, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { rawJson, refusalOf } from './refusal.ts'

describe('options from JavaScript', () => {
  it('are refused when they are misspelt, all at once', () => {
    const options = {
      locations: 'query',
      unkown: {},
      limits: { feilds: 5 },
      statuses: { invalidd: 400 },
      uploads: { memroy: 1 },
    } as unknown as ArgsOptions
    const message =
      '`locations`, `unkown`, `limits.feilds`, `statuses.invalidd`, `uploads.memroy`: no such option of twopi/webargs'
    expect(() => useArgs({}, options)).toThrow(new TypeError(message))
    expect(() => new ArgsParser({ many: true } as unknown as ArgsOptions)).toThrow('`many`: no such option')
    expect(() => useArgs({}, { many: true })).not.toThrow()
  })

  it('say what `unknown` must be when it is a text', () => {
    expect(() => useArgs({}, { unknown: 'raise' } as unknown as ArgsOptions)).toThrow(
      new TypeError('`unknown` must be an object by location, such as { json: "raise" }, found "raise"'),
    )
  })
})

describe('fields of files', () => {
  it('belong to the location `files`', () => {
    const message = '`shape.f` is a file, which only the location "files" can receive, found "json"'
    expect(() => useArgs({ f: arg.file() })).toThrow(new TypeError(message))
    expect(() => useArgs(inLocations({ form: { f: arg.files() } }))).toThrow('`form.f` is a file')
  })

  it('are all there is in `files`', () => {
    expect(() => useArgs({ n: arg.int() }, { location: 'files' })).toThrow(
      new TypeError(
        '`shape.n` must be a file (arg.file, arg.files, or a schema of UploadedFile), found another field of arg',
      ),
    )
    expect(() => useArgs({ f: z.unknown() }, { location: 'files' })).not.toThrow()
  })
})

describe('arg.bigint', () => {
  it('takes no more digits from JSON than from a text', async () => {
    const { body } = await refusalOf({ n: arg.bigint() }, rawJson(`{"n":${'9'.repeat(401)}}`))
    expect(body).toEqual({ json: { n: ['Number too large.'] } })
  })
})
