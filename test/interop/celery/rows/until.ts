import { setTimeout as pause } from 'node:timers/promises'

/** Waits for a condition, and gives what it came to. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs: number = 15_000,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; ) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await pause(20)
  }
}
