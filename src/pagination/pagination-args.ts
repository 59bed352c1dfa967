import type { Arg } from '../webargs/arg-field.ts'
import { int } from '../webargs/arg-numbers.ts'

/** What every database takes as an offset, and no list is read that far. */
const MAX_OFFSET = 2_147_483_647

/** The bounds of a page's size. */
export interface LimitOptions {
  /** How many items a page has when the client does not say. Default 20, or `maxLimit` when that is less. */
  readonly defaultLimit?: number | undefined
  /** How many a client may ask for. Default 100. */
  readonly maxLimit?: number | undefined
}

/** The bounds of {@link paginationArgs}. */
export interface PaginationArgsOptions extends LimitOptions {
  /** How far into the list a client may go. Default 2147483647. */
  readonly maxOffset?: number | undefined
}

/** The fields that {@link paginationArgs} declares. */
export type PaginationArgs = {
  readonly offset: Arg<number>
  readonly limit: Arg<number>
}

/**
 * The fields `offset` (from 0, default 0) and `limit` (from 1 to `maxLimit`) for `useArgs`. What is out of bounds is refused
 * as any other argument is, `limit=0` too; it is never bent into the bounds, so that a client does not take a short page for
 * the end of the list.
 *
 * @param options - `defaultLimit` (default 20), `maxLimit` (default 100), `maxOffset`
 * @returns fields, to be spread among others
 * @throws TypeError when the bounds are not whole numbers, or the default is over the limit
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { paginated, paginationArgs } from 'twopi/pagination'
 * import { arg, useArgs } from 'twopi/webargs'
 *
 * const names = ['Ada', 'Alan', 'Grace']
 *
 * export const list = pipeline(
 *   useArgs({ ...paginationArgs({ maxLimit: 50 }), start: arg.string({ default: '' }) }, { location: 'query' }),
 *   ({ args }) => paginated(names.filter((name) => name.startsWith(args.start)), args),
 * )
 * ```
 */
export function paginationArgs(options: PaginationArgsOptions = {}): PaginationArgs {
  const { maxOffset = MAX_OFFSET } = options
  const problems = Number.isSafeInteger(maxOffset) && maxOffset >= 0 ? [] : [notWhole('maxOffset', 0, maxOffset)]
  return {
    limit: limitArg(options, problems),
    offset: int({ min: 0, max: maxOffset, default: 0, description: 'How many items are left out before the first.' }),
  }
}

/**
 * The field `limit`.
 *
 * @param before - problems with other options, to be told together
 * @throws TypeError with all problems
 */
export function limitArg(options: LimitOptions, before: readonly string[] = []): Arg<number> {
  const { maxLimit = 100, defaultLimit = Math.min(20, maxLimit) } = options
  const problems = [...before]
  for (const [name, value] of Object.entries({ maxLimit, defaultLimit })) {
    // A `maxLimit` that is no number makes the default of `defaultLimit` none either.
    const given = name === 'maxLimit' || options.defaultLimit !== undefined
    if (given && (!Number.isSafeInteger(value) || value < 1)) problems.push(notWhole(name, 1, value))
  }
  if (defaultLimit > maxLimit) {
    problems.push(`\`defaultLimit\` must not be over \`maxLimit\`, found ${defaultLimit} and ${maxLimit}`)
  }
  if (problems.length > 0) throw new TypeError(problems.join('; '))
  return int({ min: 1, max: maxLimit, default: defaultLimit, description: 'How many items a page has at most.' })
}

function notWhole(name: string, least: number, found: unknown): string {
  return `\`${name}\` must be a whole number from ${least}, found ${String(found)}`
}
