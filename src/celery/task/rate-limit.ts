const UNITS = { s: 1, m: 60, h: 3600 } as const
const text = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/

/**
 * Reads a rate as Celery writes it: `'100/m'`, `'10/s'`, `'1000/h'`, or a number per second.
 *
 * @returns tasks per second; undefined: no limit (null, 0)
 * @throws TypeError when it is none of these
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.rate_limit
 */
export function parseRateLimit(rate: string | number | null | undefined, option = 'rateLimit'): number | undefined {
  if (rate === null || rate === undefined) return undefined
  const match = text.exec(String(rate).trim())
  if (match === null) {
    throw new TypeError(
      `\`${option}\` must be a number per second or a text such as '100/m', found ${JSON.stringify(rate)}`,
    )
  }
  const perSecond = Number(match[1]) / UNITS[(match[2] ?? 's') as keyof typeof UNITS]
  return perSecond === 0 ? undefined : perSecond
}
