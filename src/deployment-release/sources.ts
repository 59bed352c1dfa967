/** A place that may tell the release: the file, a variable of the environment, git's files, package.json. */
export type ReleaseSource = 'file' | `env:${string}` | 'git' | 'package.json'

/**
 * The variables that tell a release or a commit, the most explicit first: the words of Sentry's own tools, then those of
 * Heroku, AWS CodeBuild, CircleCI and Vercel, then the common ones.
 */
export const releaseVariables: readonly ReleaseSource[] = Object.freeze([
  'env:SENTRY_RELEASE',
  'env:SOURCE_VERSION',
  'env:HEROKU_SLUG_COMMIT',
  'env:HEROKU_BUILD_COMMIT',
  'env:CODEBUILD_RESOLVED_SOURCE_VERSION',
  'env:CIRCLE_SHA1',
  'env:VERCEL_GIT_COMMIT_SHA',
  'env:RELEASE',
  'env:GIT_SHA',
] as const)
