import { DeclarationError } from '../errors.ts'
import { replyCode, replyCodes, replyText } from './reply-error.ts'

const mismatch = /inequivalent arg '(.+?)' for .*: received (.*) but current is (.*)$/s

/**
 * Says why the broker does not make an exchange or a queue.
 *
 * @param target - its name
 * @param error - as `amqplib` has it
 * @returns a DeclarationError; the error as it is, when the broker did not refuse
 */
export function declarationRefusal(target: string, error: unknown): unknown {
  const code = replyCode(error)
  if (code === undefined) return error
  return new DeclarationError(target, explain(code, replyText(error)), { cause: error })
}

function explain(code: number, text: string): string {
  const [, argument, received, current] = mismatch.exec(text) ?? []
  if (argument !== undefined) {
    return `it exists with another \`${argument}\`: expected ${received}, found ${current}. Declare it as it is, or \`passive\`, or remove it`
  }
  if (code === replyCodes.notFound) return `it does not exist, or what it is bound to (${text})`
  if (code === replyCodes.resourceLocked) return 'another connection has it for itself alone'
  if (code === replyCodes.accessRefused) return `the user may not do this (${text})`
  return `the broker refused it (${text})`
}

/** Whether it would be refused again, however often it is tried. */
export function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof DeclarationError)) return false
  const code = replyCode(error.cause)
  return code === replyCodes.preconditionFailed || code === replyCodes.accessRefused
}
