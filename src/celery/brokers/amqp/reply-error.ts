/** The codes with which RabbitMQ refuses what was asked for on a channel. */
export const replyCodes = { accessRefused: 403, notFound: 404, resourceLocked: 405, preconditionFailed: 406 } as const

/** The code of a refusal by the broker; undefined for any other failure, such as a lost connection. */
export function replyCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

/** What the broker itself said, without the words that `amqplib` puts around it. */
export function replyText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /with message "(.*)"$/s.exec(message)?.[1] ?? message
}
