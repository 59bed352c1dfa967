import { ArgsParser } from './args-parser.ts'

/** The parser behind `useArgs`: arguments in JSON, errors by location, statuses 422, 400, 415 and 413. */
export const parser: ArgsParser = new ArgsParser()

/**
 * A step that adds `args` to the context: what a shape makes of the request, typed as the shape's schemas say. Everything
 * that is wrong is answered in one reply.
 *
 * @param shape - a Standard Schema, fields by name, or `inLocations({ … })`
 * @param options - `location` (default `'json'`), `many`, `unknown`, `layout`, `statuses`, `messages`, `limits`, `firstOf`,
 *   `errorHandler`
 * @throws TypeError at set-up, with everything that is wrong with the shape and the options
 * @throws ValidationError on a request, with everything that is wrong with it: `ERR_ARGS_INVALID` (422),
 *   `ERR_ARGS_MALFORMED` (400), `ERR_ARGS_CONTENT_TYPE` (415), `ERR_ARGS_TOO_LARGE` (413)
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { useArgs } from 'twopi/webargs'
 * import { z } from 'zod'
 *
 * export const create = pipeline(
 *   useArgs({ name: z.string().min(1), seats: z.int() }),
 *   ({ args }) => `${args.name} has ${args.seats} seats`,
 * )
 * ```
 */
export const useArgs: ArgsParser['useArgs'] = parser.useArgs
