import { describe, expect, it } from 'vitest'
import { failureOfReply } from '../../../../src/celery/redis/redis-failure.ts'

describe('an answer of Redis that is an error', () => {
  it.each([
    ['OOM command not allowed when used memory > maxmemory.', 'refused', 'OOM'],
    ["READONLY You can't write against a read only replica.", 'refused', 'READONLY'],
    ['LOADING Redis is loading the dataset in memory', 'refused', 'LOADING'],
    ['MISCONF Redis is configured to save RDB snapshots', 'refused', 'MISCONF'],
    ['NOREPLICAS Not enough good replicas to write.', 'refused', 'NOREPLICAS'],
    ['BUSY Redis is busy running a script.', 'refused', 'BUSY'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'failed', 'WRONGTYPE'],
    ['NOAUTH Authentication required.', 'failed', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'failed', 'WRONGPASS'],
    ["NOPERM this user has no permissions to run the 'eval' command", 'failed', 'NOPERM'],
    ['ERR unknown command `HELLO`', 'failed', 'ERR'],
    ['ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed', 'refused', 'OOM'],
    ['ERR Error running script (call to f_1): @user_script: 7: -READONLY no', 'refused', 'READONLY'],
  ])('"%s" is %s by %s', (text, kind, reply) => {
    expect(failureOfReply(new Error(text))).toMatchObject({ kind, reply })
  })

  it('is told without anything that may be a key or a value', () => {
    const { message, cause } = failureOfReply(new Error('ERR value "secret" of key secret-key'))
    expect(message).not.toContain('secret')
    expect(cause).toBeInstanceOf(Error)
  })
})
