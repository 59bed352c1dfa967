import { pipeline } from 'twopi/http'
import { type ArgsShape, parser, type UseArgsOptions, useArgs, ValidationError } from 'twopi/webargs'
import { BareBody } from '../../../src/http/bare-body.ts'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'

/** What a refused request is told, and what programs see. */
export interface Refusal {
  readonly status: number
  readonly body: unknown
  readonly error: ValidationError
}

/** What `args` is for a request. */
export function argsOf(shape: ArgsShape, init: TestRequestInit, options?: UseArgsOptions): Promise<unknown> {
  return parser.parse(shape, new TestRequest(init), options)
}

/** How a request is refused; fails when it is not. */
export async function refusalOf(shape: ArgsShape, init: TestRequestInit, options?: UseArgsOptions): Promise<Refusal> {
  try {
    await pipeline(useArgs(shape, options), () => null)({ request: new TestRequest(init) })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return { status: error.status, body: shown(error), error }
  }
  throw new Error('The request was not refused.')
}

/** The body as a client reads it. */
export function shown(error: ValidationError): unknown {
  const { body } = error
  return JSON.parse(JSON.stringify(body instanceof BareBody ? body.value : body))
}

/** The issues as `location path code`, for tables. */
export function codesOf({ error }: Refusal): readonly string[] {
  return error.issues.map(({ location, path, code }) => `${[location, ...path].join('.')} ${code}`)
}

/** A JSON body exactly as it is written. */
export function rawJson(body: string | Uint8Array): TestRequestInit {
  return { body, headers: { 'content-type': 'application/json' } }
}
