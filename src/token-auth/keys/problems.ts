/**
 * Throws everything that is wrong with a caller's options as one error, so that it is mended in one go.
 *
 * @throws TypeError when there is any problem
 */
export function assertNoProblems(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new TypeError(
    problems.length === 1
      ? `${what}: ${problems[0]}`
      : `${what}: ${problems.length} problems\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  )
}
