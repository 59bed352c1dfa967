/**
 * What every module of twopi shares.
 *
 * @module twopi
 */
export type { Duration } from './lib/duration.ts'
export type { StandardSchemaV1 } from './lib/standard-schema.ts'
export { isTwopiError, TwopiError } from './lib/twopi-error.ts'
