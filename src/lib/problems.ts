/**
 * Throws everything that is wrong with a caller's options as one error, so that it is mended in one go.
 *
 * @param what - what was called or made, as the user wrote it: `createTokenAuth`
 * @param problems - each in the words "expected, found, what to do", without the name of `what`
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
