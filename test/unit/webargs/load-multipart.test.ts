import { isTwopiError } from 'twopi'
import { MultipartMissingError } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { loadMultipart } from '../../../src/webargs/load-multipart.ts'

describe('the parser of multipart forms', () => {
  const NOBODY_HAS: string = 'a-parser-that-nobody-has'

  it('is asked for by its name when it is not installed', async () => {
    const error = await loadMultipart(() => import(NOBODY_HAS)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MultipartMissingError)
    expect(isTwopiError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_ARGS_MULTIPART_MISSING',
      name: 'MultipartMissingError',
      message:
        'The package `@fastify/busboy` is needed for `multipart/form-data` and is not installed. Run `npm install @fastify/busboy`.',
      cause: { code: 'ERR_MODULE_NOT_FOUND' },
    })
  })

  it('passes on any other failure as it is', async () => {
    const failure = new SyntaxError('half written')
    await expect(loadMultipart(() => Promise.reject(failure))).rejects.toBe(failure)
  })
})
