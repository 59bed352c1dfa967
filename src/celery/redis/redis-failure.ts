/**
 * What is known of a command that failed.
 * - `unsent`: there was no connection; certainly not done.
 * - `unanswered`: the connection ended, or the time-out passed, before the answer: done or not, nobody knows.
 * - `refused`: the server answered that it does nothing now (`LOADING`, `READONLY`, `OOM`); certainly not done, later or
 *   elsewhere it may be.
 * - `failed`: the server answered that it cannot (`WRONGTYPE`, `NOPERM`); another try would fail as well.
 */
export type RedisFailureKind = 'unsent' | 'unanswered' | 'refused' | 'failed'

/**
 * Why a command of Redis failed. Never leaves twopi by itself: brokers and stores throw errors of their own with this as
 * `cause`. Its text holds neither keys nor values.
 */
export class RedisFailure extends Error {
  readonly kind: RedisFailureKind
  /** First word of the server's answer: `OOM`. Empty when there was none. */
  readonly reply: string

  constructor(kind: RedisFailureKind, message: string, reply = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'RedisFailure'
    this.kind = kind
    this.reply = reply
  }
}

/** Answers to commands that were not run, though they may be at another moment or by another server. */
const refusals: Readonly<Record<string, string>> = {
  BUSY: 'it is busy with a script',
  CLUSTERDOWN: 'the cluster is down',
  LOADING: 'it is loading its data',
  MASTERDOWN: 'it is a replica without its master',
  MISCONF: 'it cannot write its data to disk',
  NOREPLICAS: 'it has not enough replicas',
  OOM: 'its memory is full (`maxmemory`)',
  READONLY: 'it is a replica and takes no writes',
  TRYAGAIN: 'it is moving its data',
}

const faults: Readonly<Record<string, string>> = {
  DENIED: 'its protected mode lets only local clients in',
  NOAUTH: 'it wants a password',
  NOPERM: 'the user may not run this command, or not with this key',
  WRONGPASS: 'user name or password are wrong',
  WRONGTYPE: 'a key that should be a queue is something else',
}

/** Answers whose first word says nothing. Their texts hold neither keys nor values. */
const sayings: readonly (readonly [RegExp, string])[] = [
  [/executing the script can't (?:run this command|access)/, faults['NOPERM'] ?? ''],
  [/executing the script can't publish to the channel/, 'the user may not publish to this channel'],
  [/^ERR DB index is out of range/, 'it has no database of this number'],
]

/** Makes what a server answered to a failure. Unknown answers are shown by their first word alone: more may hold keys. */
export function failureOfReply(error: Error): RedisFailure {
  // Inside of scripts Redis 7 writes `READONLY You can't write…` as it is, older ones `ERR Error running script…: -READONLY …`.
  const [, nested] = /(?:@user_script|user_script):\s?\d+: -?([A-Z]+) /.exec(error.message) ?? []
  const [first = ''] = nested === undefined ? error.message.split(/[\s:]/, 1) : [nested]
  // It has no word of its own; another connection may end at any moment.
  const isFull = error.message.startsWith('ERR max number of clients')
  const refusal = isFull ? 'it has as many clients as it takes (`maxclients`)' : refusals[first]
  if (refusal !== undefined) return new RedisFailure('refused', refusal, first, { cause: error })
  const text = faults[first] ?? sayings.find(([pattern]) => pattern.test(error.message))?.[1]
  return new RedisFailure('failed', text ?? `it answered \`${first}\``, first, { cause: error })
}
