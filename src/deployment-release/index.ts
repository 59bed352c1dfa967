/**
 * Which release of the application runs, for logs, health checks, Sentry and task messages.
 *
 * @module twopi/deployment-release
 */
export { ReleaseError } from './errors.ts'
export { getRelease, getReleaseInfo, type ReleaseInfo, type ReleaseOptions, resetReleaseCache } from './get-release.ts'
export { type ReleaseSource, releaseVariables } from './sources.ts'
export { type WriteReleaseOptions, writeRelease } from './write-release.ts'
