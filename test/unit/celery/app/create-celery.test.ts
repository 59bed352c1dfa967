import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { createCelery, currentTask, type Logger } from 'twopi/celery'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { resetReleaseCache } from '../../../../src/deployment-release/get-release.ts'

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const environment = {}
const memory = () => ({ broker_url: `memory://${randomUUID()}`, result_backend: `memory://${randomUUID()}` })

describe('createCelery', () => {
  it('needs nothing: calls, a worker and results in this process', async () => {
    await using celery = createCelery('school', memory(), { environment, logger: silent })
    const report = celery.task('school.report', async ({ request, updateState }, classId: string) => {
      await updateState('PROGRESS', { page: 1 })
      return { classId, inTask: currentTask()?.id === request.id }
    })
    const worker = celery.worker()
    await worker.start()
    const result = await report.delay('42')
    expect(await result.get({ timeout: '10 seconds' })).toEqual({ classId: '42', inTask: true })
    expect(await celery.asyncResult(result.id).state()).toBe('SUCCESS')
  })

  it('sends what follows a task, and its next tries, through the worker', async () => {
    await using celery = createCelery('school', memory(), { environment, logger: silent })
    const seen: unknown[] = []
    const add = celery.task('add', { maxRetries: 1 }, ({ request, retry }, x: number, y: number) => {
      if (request.retries === 0 && x === 1) retry({ countdown: 0 })
      return x + y
    })
    const note = celery.task('note', ({ request }, sum: number) => void seen.push([sum, request.parentId]))
    await celery.worker().start()
    const { id } = await add.applyAsync([1, 2], { link: note.s() })
    await expect.poll(() => seen).toEqual([[3, id]])
  })

  it('stops its workers when it is closed, and may be closed twice', async () => {
    const celery = createCelery('school', memory(), { environment, logger: silent })
    const worker = celery.worker()
    await worker.start()
    await Promise.all([celery.close(), celery.close()])
    expect(worker.state).toBe('stopped')
    expect((await worker.done).reason).toBe('stopped')
  })

  it.each([
    [{ injectVerison: true }, /`injectVerison` is not an option of createCelery\(\); `injectVersion` is near/],
    [{ logger: console.log }, /`logger` must have the methods debug, info, warn and error/],
    [{ logger: null }, /`logger` must have the methods/],
  ])('refuses options that are none: %j', (options, message) => {
    expect(() => createCelery('school', memory(), options as object)).toThrow(message)
  })

  it('takes a logger that needs its `this`, as those of pino and bunyan do', async () => {
    const lines: unknown[] = []
    class Lines {
      readonly #lines = lines
      debug(fields: object, text: string): void {
        this.#lines.push([fields, text])
      }
      info(fields: object, text: string): void {
        this.#lines.push([fields, text])
      }
      warn(fields: object, text: string): void {
        this.#lines.push([fields, text])
      }
      error(fields: object, text: string): void {
        this.#lines.push([fields, text])
      }
    }
    await using celery = createCelery('school', memory(), { environment, logger: new Lines() })
    const note = celery.task('note', ({ logger }, text: string) => logger.info({ text }, 'noted'))
    await celery.worker().start()
    const result = await note.delay('a')
    await result.get({ timeout: '10 seconds' })
    expect(lines).toContainEqual([{ text: 'a', task: 'note', id: result.id }, 'noted'])
  })

  it('says which events there are, when one is listened to that is none', () => {
    const celery = createCelery('school', memory(), { environment, logger: silent })
    expect(() => celery.on('task-succeded' as 'task-succeeded', () => {})).toThrow(
      /expected .*task-succeeded.*; found "task-succeded"/,
    )
  })

  it('keeps the configuration as it was given beside the settings', () => {
    const celery = createCelery(
      'school',
      { SECRET_KEY: 'x', SQLALCHEMY_DATABASE_URI: 'sqlite://', task_acks_late: true },
      { environment, logger: silent },
    )
    expect(celery.conf).toMatchObject({ SQLALCHEMY_DATABASE_URI: 'sqlite://', taskAcksLate: true, SECRET_KEY: 'x' })
    expect(Object.isFrozen(celery.conf)).toBe(true)
    expect(celery.settings.brokerUrl).toBe('memory://')
  })

  it('lets the environment say where the broker is', () => {
    const { settings } = createCelery(
      'school',
      { broker_url: 'redis://one' },
      {
        environment: { CELERY_BROKER_URL: 'amqp://two', CELERY_RESULT_BACKEND: 'redis://three/1' },
        logger: silent,
      },
    )
    expect([settings.brokerUrl, settings.resultBackend]).toEqual(['amqp://two', 'redis://three/1'])
  })

  it('connects nowhere by being made, with a worker and results asked for', async () => {
    const urls = { broker_url: 'amqp://nowhere.invalid', result_backend: 'rpc://' }
    const celery = createCelery('school', urls, { environment, logger: silent })
    celery.worker()
    expect(celery.asyncResult('id').id).toBe('id')
    await celery.close()
  })

  it('shows no password when it is printed', () => {
    const urls = { broker_url: 'amqp://me:hunter2@localhost', result_backend: 'redis://:hunter3@localhost' }
    const celery = createCelery('school', urls, { environment, logger: silent })
    const shown = [inspect(celery, { depth: 9 }), JSON.stringify(celery)].join()
    expect(shown).not.toMatch(/hunter/)
    expect(inspect(celery)).toContain('school')
  })

  it('warns once of settings that have no effect yet, by our names for them', () => {
    const lines: object[] = []
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (fields: object, text: string) => lines.push({ fields, text }),
    }
    createCelery('school', { task_acks_on_failure: false, task_acks_late: true }, { environment: {}, logger })
    expect(lines).toEqual([
      { fields: { app: 'school', settings: ['taskAcksOnFailure'] }, text: 'settings that have no effect yet' },
    ])
  })

  it('warns once of settings that mean something in Python alone', () => {
    const warnings: unknown[] = []
    const logger = { ...silent, warn: (fields: object, text: string) => void warnings.push({ ...fields, text }) }
    createCelery('school', { worker_pool: 'prefork' }, { environment, logger })
    expect(warnings).toEqual([
      {
        app: 'school',
        settings: ['worker_pool'],
        text: 'settings that mean something in Python alone are passed over',
      },
    ])
  })

  it('refuses settings that are wrong, all at once, and a name that is none', () => {
    expect(() => createCelery('school', { task_acks_late: 7 as never, broker_url: 'sqs://' }, { environment })).toThrow(
      /2 problems/,
    )
    expect(() => createCelery('')).toThrow('expected a name')
  })
})

describe('the version of an app', () => {
  afterEach(resetReleaseCache)

  it('is the release, unless it is not wanted', () => {
    vi.stubEnv('SENTRY_RELEASE', '1.2.3')
    resetReleaseCache()
    expect(createCelery('school', {}, { environment, logger: silent }).version).toBe('1.2.3')
    expect(createCelery('school', {}, { environment, logger: silent, injectVersion: false }).version).toBeUndefined()
  })
})
