import type { RedisScript } from './redis-script.ts'

/**
 * All that brokers and result stores ask of Redis: what a driver has to be able to do, and what another one would have to be
 * written for. At most twenty commands; what needs several at once is a script.
 *
 * Every command rejects with a `RedisFailure` and with nothing else. None is ever sent twice.
 */
export interface RedisCommands {
  get(key: string): Promise<string | null>
  mGet(keys: readonly string[]): Promise<(string | null)[]>
  /** Tells how many there were. */
  del(keys: readonly string[]): Promise<number>
  /** Tells how many of them there are; what `onChange` watches from now on. */
  exists(keys: readonly string[]): Promise<number>
  hmGet(key: string, fields: readonly string[]): Promise<(string | null)[]>
  sAdd(key: string, members: readonly string[]): Promise<number>
  sRem(key: string, members: readonly string[]): Promise<number>
  sMembers(key: string): Promise<string[]>
  /** Tells how many received it. */
  publish(channel: string, text: string): Promise<number>
  /** Runs a script, sending its source only when the server does not have it. */
  eval(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<unknown>
  /** Listens to channels, or to patterns of channels, until `unsubscribe` or the end of the connection. */
  subscribe(kind: ChannelKind, names: readonly string[], onMessage: OnMessage): Promise<void>
  /** Ends what `subscribe` began for these names. */
  unsubscribe(kind: ChannelKind, names: readonly string[]): Promise<void>
  ping(): Promise<void>
}

export type ChannelKind = 'channel' | 'pattern'

export type OnMessage = (text: string, channel: string) => void

/** One connection, from its opening to its end. It does not come back: `RedisLink` opens another one. */
export interface RedisConnection extends RedisCommands {
  /** Of the server, without its secrets. */
  readonly address: string
  /** Whether `onChange` is called. False on servers older than Redis 6, and where the user may not ask for it. */
  readonly watches: boolean
  /** Resolves with the reason when it has ended; every command that was not answered has been rejected then. Never rejects. */
  readonly ended: Promise<Error>
  /** Ends it. Commands that are not answered are rejected. */
  close(): void
}
