import type { ExceptionData } from '../protocol/task-meta.ts'
import { TaskError } from '../results/errors.ts'
import { CeleryTaskError } from '../task/errors.ts'
import type { Failure } from './outcome.ts'

/** Longer texts are cut: a result is read by people, and kept in memory by most stores. */
const LONGEST_TEXT = 10_000
const LONGEST_STACK = 50_000
/** Causes that are shown below a stack. */
const MOST_CAUSES = 5

/** What is stored of an error, whatever was thrown. Python gets a class of its own for those it does not know. */
export function toFailure(error: unknown): Failure {
  return { exception: toException(error), traceback: toTraceback(error), error }
}

function toException(error: unknown): ExceptionData {
  if (error instanceof CeleryTaskError) {
    return { exc_type: error.excType, exc_message: error.excArgs, exc_module: error.excModule }
  }
  if (error instanceof TaskError) {
    return { exc_type: error.excType, exc_message: error.excMessage, exc_module: error.excModule }
  }
  if (error instanceof Error) {
    return { exc_type: nameOf(error), exc_message: [cut(textOf(error), LONGEST_TEXT)], exc_module: 'js' }
  }
  return { exc_type: 'Error', exc_message: [cut(`thrown: ${textOf(error)}`, LONGEST_TEXT)], exc_module: 'js' }
}

/** The name of the class in preference to a `name` that nobody set; one that Python can make a class of. */
function nameOf(error: Error): string {
  const own = readText(() => error.name)
  const name = own === '' || own === 'Error' ? readText(() => error.constructor.name) : own
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : 'Error'
}

function textOf(error: unknown): string {
  return readText(() => (error instanceof Error ? error.message : error))
}

function toTraceback(error: unknown): string | undefined {
  const stacks: string[] = []
  let next: unknown = error
  while (next instanceof Error && stacks.length <= MOST_CAUSES) {
    const { stack, cause } = next
    if (typeof stack === 'string') stacks.push(stack)
    next = cause
  }
  return stacks.length === 0 ? undefined : cut(stacks.join('\nCaused by: '), LONGEST_STACK)
}

/** A getter, or a `toString`, of what was thrown may throw itself. */
function readText(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return ''
  }
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
