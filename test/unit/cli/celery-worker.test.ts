import { randomBytes } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCelery } from 'twopi/celery'
import { afterAll, beforeAll, describe, expect, it, onTestFailed, onTestFinished } from 'vitest'
import { openRedis, removeKeys } from '../../conformance/brokers/redis-handles.ts'
import { until } from '../../conformance/worker/faults/ledger.ts'
import { Program } from '../../interop/celery/harness/program.ts'
import { freePort } from '../../support/services/free-port.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { buildCli, finish } from './build-cli.ts'

const SECRET = 'hunter2'
const url = await redisUrl()

let built: string
let directory: string

/** An app that imports the built package as its users do. */
const tasks = `
import { createCelery, Reject } from 'twopi/celery'
const settings = JSON.parse(process.env.SETTINGS ?? '{}')
export const celery = createCelery('cli', settings, { injectVersion: false })
celery.task('echo', (_context, value) => value)
celery.task('fail', (_context, _value) => { throw new RangeError('it failed') })
celery.task('late', { acksLate: true }, (_context, _value) => { throw new Reject('not today') })
celery.task('again', { maxRetries: 1 }, ({ retry }, _value) => retry({ countdown: 0 }))
celery.task('strict', { parameters: ['a'] }, (_context, _value) => { throw new Error('strict') })
let open = () => {}
celery.task('hold', () => new Promise((resolve) => { open = resolve }))
celery.task('open', () => open())
`

beforeAll(() => {
  built = buildCli()
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'twopi-worker-')))
  symlinkSync(join(built, 'dist'), join(directory, 'dist'))
  symlinkSync(join(built, 'package.json'), join(directory, 'package.json'))
  // The built package finds the packages of the project.
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(built, 'node_modules'))
  const files = {
    'tasks.mjs': tasks,
    'two.mjs': `import { createCelery } from 'twopi/celery'\nexport const a = createCelery('a')\nexport const b = createCelery('b')\n`,
    'none.mjs': 'export const colour = 1\n',
    'empty.mjs': '',
    'tasks.txt': '',
    'broken.mjs': 'throw new RangeError("it is broken")\n',
    'broken-late.mjs': 'setInterval(() => {}, 1000)\nthrow new RangeError("it is broken")\n',
    'none-late.mjs': 'setInterval(() => {}, 1000)\nexport const colour = 1\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
})
afterAll(() => {
  rmSync(built, { recursive: true })
  rmSync(directory, { recursive: true })
})

const main = () => join(built, 'dist/cli/main.js')
const twopi = (...words: readonly string[]) =>
  finish(process.execPath, [main(), 'celery', 'worker', ...words], directory)

describe('`twopi celery worker`, typed wrongly', () => {
  it.for([
    [[], '`--app` is missing'],
    [['-A', 'nowhere.js'], 'there is no file nowhere.js'],
    [['-A', '.'], 'there is no file .'],
    [['-A', 'tasks.txt'], 'tasks.txt cannot be loaded by this Node: Unknown file extension ".txt"'],
    [['-A', 'none.mjs'], 'none.mjs exports no app made by createCelery(); it exports `colour`'],
    [['-A', 'empty.mjs'], 'it exports nothing'],
    [['-A', 'tasks.mjs:other'], 'tasks.mjs exports no app by the name `other`; it exports `celery`'],
    [['-A', 'two.mjs'], 'two.mjs exports 2 apps; name the one that is meant, as two.mjs:a'],
    [['-A', 'tasks.mjs', '-c', '0'], '`--concurrency` must be a whole number from 1 on, found `0`'],
    [['-A', 'tasks.mjs', '-c', 'many'], '`--concurrency` must be a whole number from 1 on, found `many`'],
    [['-A', 'tasks.mjs', '-c', '1.5'], '`--concurrency` must be a whole number'],
    [['-A', 'tasks.mjs', '--time-limit=-1'], '`--time-limit` must be a number from 0 on, found `-1`'],
    [['-A', 'none-late.mjs'], 'none-late.mjs exports no app made by createCelery(); it exports `colour`'],
    [['-A', 'tasks.mjs', '--deadline', `1${'0'.repeat(306)}`], '`--deadline` must be a number from 0 on'],
    [['-A', 'tasks.mjs', '--deadline', 'soon'], '`--deadline` must be a number from 0 on, found `soon`'],
    [['-A', 'tasks.mjs', '--prefetch-multiplier', 'x'], '`--prefetch-multiplier` must be a whole number from 0 on'],
    [['-A', 'tasks.mjs', '--health-port', '65536'], '`--health-port` must be at most 65535'],
    [['-A', 'tasks.mjs', '-P', 'prefork'], '`--pool` must be `async` or `threads`, found `prefork`'],
    [['-A', 'tasks.mjs', '-l', 'loud'], '`--loglevel` must be debug, info, warning, error or critical'],
    [['-A', 'tasks.mjs', '--log-format', 'xml'], '`--log-format` must be `human` or `json`, found `xml`'],
    [['-A', 'tasks.mjs', '-Q', 'a,,b'], '`--queues` must be names separated by commas'],
    [['-A', 'tasks.mjs', '--colour', 'red'], '--colour'],
    [['-A', 'tasks.mjs', 'mail'], 'mail'],
  ] as const)('%j is an error that says what is wrong', async ([words, text]) => {
    const { code, stdout, stderr } = await twopi(...words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(text)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it.for(['broken.mjs', 'broken-late.mjs'])(
    'tells what a module threw that could not be loaded, and ends with exit code 1, whatever it left behind: %s',
    async (file) => {
      const { code, stderr } = await twopi('-A', file)
      expect(code).toBe(1)
      expect(stderr).toContain('it is broken')
    },
  )
})

describe('`twopi celery worker` without its broker', () => {
  it('ends on the first signal, though it has never reached it', async () => {
    const broker_url = `redis://127.0.0.1:${await freePort()}/0`
    const env = { SETTINGS: JSON.stringify({ broker_url }) }
    const words = [main(), 'celery', 'worker', '-A', 'tasks.mjs', '-l', 'debug']
    const worker = new Program('worker', process.execPath, words, { cwd: directory, env })
    await worker.says('cannot be reached yet')
    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(0)
    expect(worker.log).toContain('worker has ended')
  }, 30_000)
})

describe.skipIf(url === undefined)('`twopi celery worker` on Redis (needs redis-server)', () => {
  /** An app to call by, a worker to be started, queues of their own. */
  function bench() {
    const id = `cli-${randomBytes(4).toString('hex')}`
    const prefix = `${id}:`
    const settings = {
      broker_url: url,
      result_backend: url,
      broker_transport_options: { global_keyprefix: prefix },
      result_backend_transport_options: { global_keyprefix: prefix },
      task_queues: { [id]: {}, mail: {}, slow: {} },
      task_default_queue: id,
    }
    const celery = createCelery('caller', settings, { injectVersion: false, environment: {} })
    const programs: Program[] = []
    onTestFailed(() => console.log(programs.map(({ log }) => log.slice(-3000)).join('\n---\n')))
    onTestFinished(async () => {
      await Promise.all(programs.map((program) => program.stop(2000)))
      await celery.close()
      const client = await openRedis(url ?? '')
      await removeKeys(client, prefix)
      await client.close()
    })
    const start = (...words: readonly string[]) => {
      const all = [main(), 'celery', 'worker', '-A', 'tasks.mjs', ...words]
      const env = { SETTINGS: JSON.stringify(settings) }
      const program = new Program('worker', process.execPath, all, { cwd: directory, env })
      programs.push(program)
      return program
    }
    return { id, celery, start, client: () => openRedis(url ?? ''), prefix }
  }

  const stop = async (worker: Program) => {
    worker.signal('SIGTERM')
    return await worker.ended
  }
  const SOON = { timeout: 10 }

  it('throws away what waits with --purge, and says how much', async () => {
    const { celery, start } = bench()
    for (let i = 0; i < 3; i++) await celery.sendTask('echo', [i])
    const worker = start('--purge')
    await worker.says('worker is ready')
    expect(worker.log).toMatch(/"count":3.*waiting tasks were thrown away|waiting tasks were thrown away.*"count":3/)
    expect(await (await celery.sendTask('echo', ['later'])).get(SOON)).toBe('later')
    expect(await stop(worker)).toBe(0)
  })

  it('takes from the queues named by -Q alone, and not from those named by -X', async () => {
    const { id, celery, start, client, prefix } = bench()
    const redis = await client()
    const waits = async (queue: string) => (await redis.lLen(prefix + queue)) === 1
    const first = start('-Q', 'mail,slow', '-X', 'slow')
    await first.says('worker is ready')
    expect(first.log).toContain('"queues":["mail"]')
    for (const queue of [id, 'slow']) await celery.sendTask('echo', [1], { queue })
    expect(await (await celery.sendTask('echo', [1], { queue: 'mail' })).get(SOON)).toBe(1)
    expect([await waits(id), await waits('slow')]).toEqual([true, true])
    expect(await stop(first)).toBe(0)
    const second = start('-X', 'slow')
    await until('it was taken', async () => !(await waits(id)))
    expect(second.log).not.toContain('"slow"')
    expect(await waits('slow')).toBe(true)
    expect(await stop(second)).toBe(0)
    redis.destroy()
  })

  it('answers /live and /ready through its life', async () => {
    const { celery, start } = bench()
    const port = await freePort()
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        ({ status }) => status,
        () => 'nobody',
      )
    const both = async () => [await ask('/live'), await ask('/ready')]
    const worker = start('--health-port', String(port))
    await worker.says('worker is ready')
    expect(await both()).toEqual([200, 200])
    const held = await celery.sendTask('hold')
    await until('it is held', async () => {
      const response = await fetch(`http://127.0.0.1:${port}/live`)
      return ((await response.json()) as { running: number }).running === 1
    })
    worker.signal('SIGTERM')
    await until('it is not ready any more', async () => (await ask('/ready')) === 503)
    expect(await ask('/live')).toBe(200)
    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(1)
    expect(await both()).toEqual(['nobody', 'nobody'])
    expect(await held.ready()).toBe(false)
  })

  it('does not start where the port of --health-port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const { start } = bench()
    const worker = start('--health-port', String(port))
    expect(await worker.ended).toBe(1)
    expect(worker.log).toContain('EADDRINUSE')
    server.close()
  })

  it.for(['debug', 'info', 'warning', 'error'])(
    'writes a JSON per line off a terminal, and nothing of the arguments of tasks, at level %s',
    async (level) => {
      const { celery, start } = bench()
      const worker = start('-l', level, '-c', '2')
      const ends = ['echo', 'fail', 'late', 'again', 'strict', 'unheard'].map((name) =>
        celery.sendTask(name, [SECRET], { kwargs: { password: SECRET }, expires: 60 }),
      )
      const results = await Promise.all(ends)
      for (const [i, result] of results.entries()) {
        // What is rejected has no result.
        if (i !== 2) await result.get(SOON).catch(() => undefined)
      }
      await (await celery.sendTask('echo', ['last'])).get(SOON)
      expect(await stop(worker)).toBe(0)
      const lines = worker.log
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')
      const parsed = lines.map((line) => JSON.parse(line) as unknown)
      expect(parsed.every((line) => typeof line === 'object' && line !== null)).toBe(true)
      expect(parsed.length).toBeGreaterThan(0)
      expect(worker.log).not.toContain(SECRET)
    },
  )

  it('writes for people with --log-format human', async () => {
    const { start } = bench()
    const worker = start('--log-format', 'human')
    await worker.says('worker is ready')
    expect(await stop(worker)).toBe(0)
    expect(() => JSON.parse(worker.log.split('\n', 1)[0] ?? '')).toThrow()
  })

  it('ends what runs at its --deadline, with exit code 1', async () => {
    const { celery, start } = bench()
    const worker = start('--deadline', '0.2', '-l', 'debug')
    await celery.sendTask('hold')
    await worker.says('received')
    expect(await stop(worker)).toBe(1)
    expect(worker.log).toContain('cut off, and lost')
  })
})
