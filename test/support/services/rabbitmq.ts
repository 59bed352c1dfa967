import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { greet } from './greet.ts'
import { type OwnService, ownService } from './own-service.ts'
import { findService } from './shared-service.ts'

const run = promisify(execFile)

/** A RabbitMQ of one's own. */
export interface OwnRabbitmq extends OwnService {
  /**
   * Runs `rabbitmqctl` on it and gives what it printed: `ctl('list_queues', 'name', 'messages')`,
   * `ctl('close_all_connections', 'test')`, `ctl('add_vhost', 'v')`. Takes a second or two.
   */
  ctl(...words: string[]): Promise<string>
}

/** Starts a private node on a free port of 127.0.0.1, without plugins. Takes about five seconds. */
export async function startRabbitmq(): Promise<OwnRabbitmq> {
  const programs = rabbitmqPrograms()
  if (programs === undefined) throw new Error('install rabbitmq-server')
  const folder = mkdtempSync(join(tmpdir(), 'twopi-rabbitmq-'))
  const [port, distribution, mapper] = [await freePort(), await freePort(), await freePort()]
  const env = { ...process.env, ...environment(folder, port, distribution, mapper) }
  writeFileSync(join(folder, 'rabbitmq.conf'), 'disk_free_limit.absolute = 1MB\nloopback_users.guest = true\n')
  writeFileSync(join(folder, 'enabled_plugins'), '[].\n')
  // Its own mapper of names too: the one of Erlang would be started as a daemon, and stay.
  const names = spawn('epmd', ['-port', `${mapper}`, '-address', '127.0.0.1'], { stdio: 'ignore' })
  names.on('error', () => undefined)
  const service = await ownService({
    name: 'RabbitMQ',
    url: `amqp://guest:guest@127.0.0.1:${port}//`,
    port,
    folder,
    spawn: () => spawn(join(programs, 'rabbitmq-server'), { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
    serves: () => speaksAmqp(port),
    after: () => void names.kill('SIGKILL'),
  })
  const ctl = async (...words: string[]): Promise<string> => {
    const { stdout } = await run(join(programs, 'rabbitmqctl'), ['--quiet', ...words], { env, cwd: folder })
    return stdout
  }
  return Object.assign(service, { ctl })
}

/**
 * A RabbitMQ to share with others: `AMQP_URL`, else the one at 127.0.0.1:5672 as guest, else one that is started for this
 * run of the tests. Use queues and exchanges of your own in it, and remove them.
 *
 * @returns its URL; undefined when there is none and none can be started, then the suite is to be skipped by name
 * @throws Error instead of that with `CI=true`
 */
export function amqpUrl(): Promise<string | undefined> {
  return findService({
    name: 'rabbitmq',
    install: 'rabbitmq-server',
    variable: 'AMQP_URL',
    standard: 'amqp://guest:guest@127.0.0.1:5672//',
    serves: () => speaksAmqp(5672),
    installed: hasRabbitmq,
  })
}

/** Tells whether `startRabbitmq` can work here. */
export function hasRabbitmq(): boolean {
  return rabbitmqPrograms() !== undefined
}

/** A server that is ready to serve answers the protocol's header with the method Connection.Start, a frame of type 1. */
async function speaksAmqp(port: number): Promise<boolean> {
  return (await greet(port, '127.0.0.1', 'AMQP\0\0\x09\x01')).startsWith('\x01')
}

/** The folder of the programs themselves. Those in the path of a distribution change the user and the folder first. */
function rabbitmqPrograms(): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return ['/usr/lib/rabbitmq/bin', ...path].find((folder) => existsSync(join(folder, 'rabbitmq-server')))
}

function environment(folder: string, port: number, distribution: number, mapper: number): Record<string, string> {
  return {
    HOME: folder, // Erlang's cookie is there
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'), // the machine's own would rename the node
    RABBITMQ_NODENAME: `twopi-${port}@localhost`,
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_DIST_PORT: `${distribution}`,
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    RUNNING_UNDER_SYSTEMD: 'true', // the script then becomes the server and does not wait for it as a child
    ERL_EPMD_PORT: `${mapper}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_FLAGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    LC_ALL: 'C.UTF-8',
  }
}
