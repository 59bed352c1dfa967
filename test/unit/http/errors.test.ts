import { isTwopiError, TwopiError } from 'twopi'
import { abort, BodyError, errorResponse, HttpError, toHttpError } from 'twopi/http'
import { describe, expect, it } from 'vitest'
import { BareBody } from '../../../src/http/bare-body.ts'

const place = { method: 'GET', path: '/x' }
const silent = { onError: () => undefined }
const body = (error: unknown) => JSON.parse(String(errorResponse(error, place, silent).body))

describe('HttpError', () => {
  it('has the words that Flask answers for its status', () => {
    expect(new HttpError(403).messages).toEqual([expect.stringMatching(/^You don't have the permission/)])
  })

  it('refuses a status that is not an error', () => {
    for (const status of [200, 399, 600, 404.5, Number.NaN]) expect(() => new HttpError(status)).toThrow(TypeError)
  })

  it('keeps its cause and never sends it', () => {
    const error = new HttpError(400, 'bad', { cause: new Error('secret') })
    expect(error.cause).toBeInstanceOf(Error)
    expect(JSON.stringify(errorResponse(error, place))).not.toContain('secret')
  })

  it('sends a code only when it was given one', () => {
    expect(body(new HttpError(400, 'bad'))).toEqual({ _errors: ['bad'] })
    expect(body(new HttpError(400, 'bad', { code: 'ERR_BAD' }))).toEqual({ _errors: ['bad'], code: 'ERR_BAD' })
  })

  it('is known as itself across two copies of the package', async () => {
    const specifier = '../../../src/http/http-error.ts?copy'
    const copy = (await import(/* @vite-ignore */ specifier)) as { HttpError: typeof HttpError }
    const error = new copy.HttpError(400)
    expect(copy.HttpError).not.toBe(HttpError)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toBeInstanceOf(TwopiError)
    expect(isTwopiError(error)).toBe(true)
  })

  it('is not taken for a subclass of a user', () => {
    class Mine extends HttpError {}
    expect(new HttpError(400)).not.toBeInstanceOf(Mine)
    expect(new Mine(400)).toBeInstanceOf(Mine)
    expect(new Mine(400)).toBeInstanceOf(HttpError)
    expect(new HttpError(400)).not.toBeInstanceOf(BodyError)
  })

  it("is thrown by abort, Flask's word", () => {
    expect(() => abort(404, 'gone')).toThrow('gone')
  })
})

describe('errorResponse', () => {
  it('answers everything it does not know with one constant body', () => {
    const wild = [
      new Error('x'),
      'text',
      undefined,
      null,
      5,
      { status: 200 },
      { status: '404' },
      { statusCode: 500 },
      { status: 4e9 },
    ]
    for (const error of wild) expect(body(error)).toEqual({ _errors: ['Internal Server Error'] })
  })

  it('lets an exposed message of the application through, but not one of a parser', () => {
    expect(body({ status: 404, expose: true, message: 'No such class' })).toEqual({ _errors: ['No such class'] })
    const parser = { status: 400, expose: true, type: 'entity.parse.failed', message: 'Unexpected token h in hunter2' }
    expect(JSON.stringify(body(parser))).not.toContain('hunter2')
  })

  it('tells onError of server errors and of nothing else', () => {
    const seen: unknown[] = []
    const onError = (error: unknown) => seen.push(error)
    for (const error of [new HttpError(404), new HttpError(503), 'x', { status: 400, expose: true }])
      errorResponse(error, place, { onError })
    expect(seen).toEqual([expect.objectContaining({ status: 503 }), 'x'])
  })

  it('answers even when the logger fails', () => {
    const onError = () => {
      throw new Error('disk full')
    }
    expect(errorResponse('x', place, { onError }).status).toBe(500)
  })

  it('keeps an unknown error as the cause of what it becomes', () => {
    const error = new Error('x')
    expect(toHttpError(error)).toMatchObject({ status: 500, cause: error })
  })
})

describe('an error with a body of its own', () => {
  class FieldError extends HttpError {
    override get body(): unknown {
      return new BareBody({ message: ['No.'] }, { detail: 'No.' })
    }
  }

  it('is answered with that body, outside the envelope', () => {
    const { status, body } = errorResponse(new FieldError(422), { method: 'GET', path: '/' })
    expect([status, body]).toEqual([422, '{"message":["No."]}'])
  })
})
