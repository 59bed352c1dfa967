import { isDeepStrictEqual } from 'node:util'

/**
 * Says in which field what is there differs from what is asked for.
 *
 * @returns a text; undefined when all fields are equal
 */
export function describeDifference<K extends string>(
  there: Readonly<Record<K, unknown>>,
  asked: Readonly<Record<K, unknown>>,
  fields: readonly K[],
): string | undefined {
  const field = fields.find((one) => !isDeepStrictEqual(there[one], asked[one]))
  if (field === undefined) return undefined
  const [is, wanted] = [JSON.stringify(there[field]), JSON.stringify(asked[field])]
  return `it exists with \`${field}\` ${is}, asked for was ${wanted}; use the same everywhere, or delete it first`
}
