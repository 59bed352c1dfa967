import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { buildUrl } from 'twopi/config'

// A suite uses the server whose address is in the environment, else the one at the standard port, else it starts one. What
// stops and restarts servers always starts its own.

/** A server of our own. */
export interface OwnServer {
  /** The URL of an administrator, without a database. */
  readonly url: string
  /** Stops it at once, with all its connections, and starts it again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A server, ours or not. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

/** What a kind of server must offer. */
export interface ServerKind {
  readonly name: string
  /** What to install when there is none. */
  readonly install: string
  find(): Promise<Server | undefined>
  /** Starts one, with more settings on its command line. */
  startOwn(more?: readonly string[]): Promise<OwnServer>
  /** Runs one statement as an administrator. */
  admin(url: string, sql: string): Promise<void>
}

/**
 * The server for a suite. Where none can be had, the suite is to be skipped by name; but not where everything must run.
 */
export async function findServer(kind: ServerKind): Promise<Server | undefined> {
  const server = await kind.find()
  if (server === undefined && process.env['CI']) throw new Error(`install ${kind.install}`)
  return server
}

let databases = 0

/** A database of its own for one file of tests. */
export async function createDatabase(
  kind: ServerKind,
  server: Pick<Server, 'url'>,
): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const name = `twopi_db_${process.pid}_${++databases}`
  await kind.admin(server.url, `create database ${name}`)
  return {
    url: buildUrl(server.url, { path: name }),
    drop: () => kind.admin(server.url, `drop database ${name}`),
  }
}

const reachable = async (work: () => Promise<unknown>): Promise<boolean> =>
  work().then(
    () => true,
    () => false,
  )

export const postgres: ServerKind = {
  name: 'PostgreSQL',
  install: 'postgresql',
  async find() {
    const url = process.env['TEST_POSTGRES_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/test'
    if (process.env['TEST_POSTGRES_URL'] || (await reachable(() => this.admin(url, 'select 1')))) {
      return { url, stop: async () => undefined }
    }
    return postgresPrograms() === undefined ? undefined : this.startOwn()
  },
  async startOwn() {
    const programs = postgresPrograms()
    if (programs === undefined) throw new Error(`install ${this.install}`)
    // It refuses to run as root.
    const user =
      process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })) : undefined
    const folder = dataFolder('postgres', user)
    const identity = user === undefined ? {} : { uid: user }
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', folder, '-A', 'trust', '-U', 'postgres', '--no-sync'],
      identity,
    )
    if (made.status !== 0) throw new Error(String(made.stderr))
    const port = await freePort()
    const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'].flatMap((text) => [
      '-c',
      text,
    ])
    const start = () =>
      spawn(join(programs, 'postgres'), ['-D', folder, '-p', `${port}`, ...settings], { stdio: 'ignore', ...identity })
    return ownServer(url, folder, start, 'SIGINT', () => this.admin(url, 'select 1'))
  },
  async admin(url, sql) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end()
    }
  },
}

export const mariadb: ServerKind = {
  name: 'MariaDB',
  install: 'mariadb-server',
  async find() {
    const url = process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/test'
    if (process.env['TEST_MYSQL_URL'] || (await reachable(() => this.admin(url, 'select 1')))) {
      return { url, stop: async () => undefined }
    }
    return spawnSync('mariadbd', ['--version']).status === 0 ? this.startOwn() : undefined
  },
  async startOwn(more = []) {
    const folder = dataFolder('mariadb', undefined)
    const made = spawnSync('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${folder}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ])
    if (made.status !== 0) throw new Error(String(made.stderr))
    const port = await freePort()
    const url = `mysql://root@127.0.0.1:${port}/mysql`
    const settings = [
      '--no-defaults',
      `--datadir=${folder}`,
      `--port=${port}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--bind-address=127.0.0.1',
      '--innodb-flush-log-at-trx-commit=0',
      ...more,
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ]
    const start = () => spawn('mariadbd', settings, { stdio: 'ignore' })
    return ownServer(url, folder, start, 'SIGTERM', () => this.admin(url, 'select 1'))
  },
  async admin(url, sql) {
    const connection = await mysql.createConnection(url)
    try {
      await connection.query(sql)
    } finally {
      await connection.end()
    }
  },
}

/** The folder of the newest PostgreSQL that is installed; distributions keep it out of the path. */
function postgresPrograms(): string | undefined {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  return [...versions.map((version) => join(base, version, 'bin')), '/usr/bin', '/usr/local/bin'].find((folder) =>
    existsSync(join(folder, 'initdb')),
  )
}

function dataFolder(name: string, owner: number | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), `twopi-${name}-`))
  if (owner !== undefined) chownSync(folder, owner, -1)
  return folder
}

async function ownServer(
  url: string,
  folder: string,
  start: () => ChildProcess,
  signal: NodeJS.Signals,
  check: () => Promise<void>,
): Promise<OwnServer> {
  let server: ChildProcess
  const begin = async () => {
    server = start()
    for (let left = 600; !(await reachable(check)); left--) {
      if (left === 0 || server.exitCode !== null) throw new Error(`The server at ${url} did not start.`)
      await sleep(25)
    }
  }
  const end = async () => {
    const exit = once(server, 'exit')
    server.kill(signal)
    await exit
  }
  await begin()
  return {
    url,
    restart: async () => {
      await end()
      await begin()
    },
    stop: async () => {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
