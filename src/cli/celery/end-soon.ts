/** What is left to whatever else keeps the process alive, in milliseconds. */
const GRACE_MS = 1000

/**
 * Ends the process soon, when it does not end by itself: a pool of connections that the app's module opened would keep it for
 * ever, tasks that were cut off as well.
 *
 * @param code - the exit code
 */
export function endSoon(code: number): void {
  setTimeout(() => process.exit(code), GRACE_MS).unref()
}
