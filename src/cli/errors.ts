/** What was typed makes no command. Told in one line with a way on; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
