import { errorName } from './exception-data.ts'

/** How long the text may be, and how many causes it tells. */
const MAX_LENGTH = 32_768
const MAX_CAUSES = 10

const CAUSE = '\n\nThe above exception was the direct cause of the following exception:\n\n'

/**
 * The stack of an error as the `traceback` of a result: V8's lines, and the causes before what they caused, in the words of
 * Python. At most 32768 characters.
 *
 * @param error - anything that was thrown
 */
export function formatTraceback(error: unknown): string {
  const chain: unknown[] = []
  for (let one = error; one !== undefined && one !== null && chain.length < MAX_CAUSES; one = causeOf(one)) {
    if (chain.includes(one)) break
    chain.push(one)
  }
  const text = chain.length === 0 ? String(error) : chain.reverse().map(stackOf).join(CAUSE)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 4)}\n...` : text
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return textOf(error)
  const head = `${errorName(error)}: ${error.message}`
  const { stack } = error
  if (typeof stack !== 'string' || stack === '') return head
  const frames = stack.indexOf('\n    at ')
  // The head of a stack is of the time when the error was made; name and message may have been set since.
  return frames < 0 ? head : head + stack.slice(frames)
}

function textOf(value: unknown): string {
  try {
    return `Thrown, though no Error: ${String(value)}`
  } catch {
    return `Thrown, though no Error: ${typeof value}`
  }
}
