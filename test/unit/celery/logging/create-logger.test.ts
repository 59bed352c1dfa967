import { describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions } from '../../../../src/celery/logging/create-logger.ts'
import { type LogLevel, readLogLevel } from '../../../../src/celery/logging/log-level.ts'
import { withFields } from '../../../../src/celery/logging/with-fields.ts'

function recorder(options: LoggerOptions & { readonly isTTY?: boolean } = {}) {
  const lines: string[] = []
  const stream = { isTTY: options.isTTY ?? false, write: (text: string) => lines.push(text) }
  return { lines, logger: createLogger({ stream, now: () => Date.UTC(2026, 10, 23, 10, 53, 24, 472), ...options }) }
}

describe('the logger of an app that is given none', () => {
  it("writes one object per line with pino's names where no terminal reads", () => {
    const { lines, logger } = recorder()
    logger.info({ task: 'add', id: '1', runtime: 0.5, big: 2n ** 70n }, 'task succeeded')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/\n$/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 30,
      time: Date.UTC(2026, 10, 23, 10, 53, 24, 472),
      pid: process.pid,
      task: 'add',
      runtime: 0.5,
      big: '1180591620717411303424',
      msg: 'task succeeded',
    })
  })

  it('writes a coloured line on a terminal, and a plain one when it shall not colour', () => {
    const coloured = recorder({ isTTY: true, colors: true })
    coloured.logger.warn({ task: 'add' }, 'late')
    expect(coloured.lines[0]).toContain('\u001b[33mWARNING')
    const plain = recorder({ isTTY: true, colors: false })
    plain.logger.warn({ task: 'add', queue: 'a b', absent: undefined, count: 3 }, 'late')
    expect(plain.lines).toEqual(['[2026-11-23 10:53:24.472] WARNING late task=add queue="a b" count=3\n'])
  })

  it('leaves out what is below its level', () => {
    const { lines, logger } = recorder({ level: 'warn' })
    logger.debug({}, 'one')
    logger.info({}, 'two')
    logger.warn({}, 'three')
    logger.error({}, 'four')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['three', 'four'])
    const silent = recorder({ level: 'silent' })
    silent.logger.error({}, 'five')
    expect(silent.lines).toEqual([])
  })

  it('tells an error with its stack and its causes', () => {
    const error = new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'ERR_INNER' }) })
    const json = recorder()
    json.logger.error({ error }, 'failed')
    expect(JSON.parse(json.lines[0] ?? '')).toMatchObject({
      error: {
        type: 'Error',
        message: 'outer',
        stack: expect.stringContaining('create-logger.test'),
        cause: { code: 'ERR_INNER' },
      },
    })
    const human = recorder({ format: 'human' })
    human.logger.error({ error }, 'failed')
    expect(human.lines[0]).toContain('(ERR_INNER)')
    expect(human.lines[0]).toMatch(/ERROR {3}failed\nError: outer\n {4}at [\s\S]+cause\]: Error: inner/)
  })

  it('tells nothing of what else an error holds, such as the headers of a request', () => {
    const error = Object.assign(new Error('refused'), { config: { headers: { authorization: 'Bearer secret' } } })
    for (const format of ['human', 'json'] as const) {
      const { lines, logger } = recorder({ format })
      logger.error({ err: new Error('outer', { cause: error }) }, 'failed')
      expect(lines[0]).toContain('refused')
      expect(lines[0]).not.toContain('secret')
    }
  })

  it('lets nothing off the wire start a line of its own or speak to the terminal', () => {
    const hostile = 'x\n[2026-11-23 10:53:24] ERROR \u001b[2J\u2028\u009b'
    const human = recorder({ format: 'human' })
    human.logger.info({ task: hostile, [hostile]: [hostile] }, hostile)
    human.logger.error({ error: new Error(hostile) }, 'failed')
    const json = recorder()
    json.logger.info({ task: hostile }, hostile)
    for (const line of [human.lines[0], json.lines[0]]) {
      expect(line?.trimEnd()).not.toMatch(/[\n\r]/)
      expect(line).not.toContain('\u001b')
    }
    for (const character of ['\u001b', '\u009b', '\u2028']) expect(human.lines[1]).not.toContain(character)
  })

  it('still writes the text when the fields cannot be written', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const { lines, logger } = recorder()
    logger.info({ cycle }, 'text')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'text', unreadableFields: ['cycle'] })
  })

  it('adds the same fields to every line where asked', () => {
    const { lines, logger } = recorder()
    withFields(logger, { task: 'add', id: '1' }).info({ id: '2' }, 'text')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ task: 'add', id: '2' })
  })
})

describe('a level', () => {
  it.each<[string, LogLevel | undefined]>([
    ['INFO', 'info'],
    ['Warning', 'warn'],
    ['critical', 'error'],
    ['FATAL', 'error'],
    ['debug', 'debug'],
    ['constructor', undefined],
    ['loud', undefined],
  ])("is read from %s as Celery's command line does: %s", (text, level) => {
    expect(readLogLevel(text)).toBe(level)
  })
})
