/** A point in time: a `Date`, or what has `epochMilliseconds` as `Temporal.Instant` and `Temporal.ZonedDateTime` have. */
export type Moment = Date | { readonly epochMilliseconds: number }

/** Reads a moment. NaN when it is none, so that the caller can name the option in its message. */
export function toEpochMilliseconds(moment: unknown): number {
  if (moment instanceof Date) return moment.getTime()
  if (typeof moment !== 'object' || moment === null) return Number.NaN
  const { epochMilliseconds } = moment as { epochMilliseconds?: unknown }
  return typeof epochMilliseconds === 'number' && Number.isFinite(epochMilliseconds) ? epochMilliseconds : Number.NaN
}
