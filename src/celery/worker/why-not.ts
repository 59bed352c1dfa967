import type { TaskMessage } from '../protocol/task-message.ts'
import type { Clock } from './clock.ts'
import type { Revoked } from './revoked.ts'

/** Why a call shall not run any more; undefined: it shall. Asked on receipt and before it starts. */
export function whyNot(message: TaskMessage, revoked: Revoked, clock: Clock): 'revoked' | 'expired' | undefined {
  if (revoked.covers(message)) return 'revoked'
  const { expires } = message
  return expires !== undefined && clock.now() >= expires.getTime() ? 'expired' : undefined
}
