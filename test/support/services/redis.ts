import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { greet } from './greet.ts'
import { type OwnService, ownService } from './own-service.ts'
import { findService } from './shared-service.ts'

/** How a private Redis is started. */
export interface RedisOptions {
  /** Keeps the data over `kill` and `restart`, as a Redis with an append-only file does. Default true. */
  readonly persistent?: boolean
  /** More of its settings, as on its command line: `['--requirepass', 'secret']`. It must still answer at its port. */
  readonly settings?: readonly string[]
}

/** A Redis of one's own on a free port of 127.0.0.1: to be killed, frozen, started again. */
export async function startRedis({ persistent = true, settings = [] }: RedisOptions = {}): Promise<OwnService> {
  const folder = mkdtempSync(join(tmpdir(), 'twopi-redis-'))
  const port = await freePort()
  const words = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--daemonize', 'no']
  // Without fsync: what is written survives the death of the process, which is all that tests can do to it.
  words.push('--appendonly', persistent ? 'yes' : 'no', '--appendfsync', 'no', ...settings)
  return ownService({
    name: 'Redis',
    url: `redis://127.0.0.1:${port}/0`,
    port,
    folder,
    spawn: () => spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'pipe'] }),
    serves: async () => /^(?:\+PONG|-NOAUTH)/.test(await greet(port, '127.0.0.1', 'PING\r\n')),
  })
}

/**
 * A Redis to share with others: `REDIS_URL`, else the one at 127.0.0.1:6379, else one that is started for this run of the
 * tests. Use keys of your own in it, and remove them.
 *
 * @returns its URL; undefined when there is none and none can be started, then the suite is to be skipped by name
 * @throws Error instead of that with `CI=true`
 */
export function redisUrl(): Promise<string | undefined> {
  return findService({
    name: 'redis',
    install: 'redis-server',
    variable: 'REDIS_URL',
    standard: 'redis://127.0.0.1:6379/0',
    serves: async () => (await greet(6379, '127.0.0.1', 'PING\r\n')).startsWith('+PONG'),
    installed: hasRedis,
  })
}

/** Tells whether `startRedis` can work here. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}
