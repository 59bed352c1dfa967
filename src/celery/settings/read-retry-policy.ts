import { readMembers } from './read-members.ts'
import type { Problem } from './read-value.ts'
import { defaultRetryPolicy, type RetryPolicy } from './retry-policy.ts'

const rules = {
  maxRetries: { kind: 'integer', min: 0, nullable: true },
  intervalStart: { kind: 'number' },
  intervalStep: { kind: 'number' },
  intervalMax: { kind: 'number' },
} as const

/** Reads a policy of retries; what is missing is as by default. */
export function readRetryPolicy(value: unknown, where: string, problem: Problem): RetryPolicy {
  return Object.freeze({ ...defaultRetryPolicy, ...readMembers(value, rules, where, problem) })
}
