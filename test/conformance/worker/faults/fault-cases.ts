import { expect, it } from 'vitest'
import { FaultBench, type WorkerProcess } from './fault-bench.ts'
import { until } from './ledger.ts'
import type { Load } from './load.ts'
import { sendPoison } from './poison.ts'

/** A broker of the suite's own. */
export interface FaultBroker {
  readonly name: string
  /** Settings by which it is reached. */
  settings(): Readonly<Record<string, unknown>>
  /** Messages that wait in a queue, and those that are held and not settled. */
  messages(queue: string): Promise<number>
  /** Puts texts into a queue that are no message at all. Gives how many. */
  putRubbish?(queue: string): Promise<number>
}

const SECONDS = 1000
/** How often workers are killed in one test. */
const KILLS = 20

/** Nothing more is called, nothing is left with the broker, and the worker ends in order: what has not run by then is lost. */
export async function settleAll(load: Load, worker: WorkerProcess, messages: () => Promise<number>): Promise<void> {
  await load.stop()
  await until('the queue is empty', async () => (await messages()) === 0)
  expect(await worker.end('SIGTERM')).toBe(0)
}

/** The cases that are the same on each broker that has processes of its own. */
export function describeFaults(broker: FaultBroker): void {
  const { name } = broker
  const bench = () => new FaultBench(broker.settings())

  const settle = (test: FaultBench, load: Load, worker: WorkerProcess) =>
    settleAll(load, worker, () => broker.messages(test.queue))

  /** No run is doubled but those of which a killed worker did all but one. */
  const expectOnlyKilledTwice = (test: FaultBench, doubled: readonly number[], killed: ReadonlySet<number>) => {
    const others = doubled.filter((n) => test.ledger.runsOf(n).filter((pid) => !killed.has(pid)).length > 1)
    expect(others).toEqual([])
  }

  const killAgainAndAgain = async (title: string, ms: number, isTime: (pid: number, test: FaultBench) => boolean) => {
    const test = bench()
    const load = test.load((n) => test.call('late', n, ms))
    const killed = new Set<number>()
    for (let i = 0; i < KILLS; i++) {
      const worker = await test.start()
      await until('the moment of the kill has come', () => isTime(worker.pid, test))
      killed.add(worker.pid)
      expect(await worker.end('SIGKILL')).toBe('SIGKILL')
    }
    const last = await test.start()
    await test.more(100)
    await settle(test, load, last)
    const { lost, strangers, doubled } = test.census(`${name}, ${title}`, load)
    expect({ lost, strangers }).toEqual({ lost: [], strangers: [] })
    expectOnlyKilledTwice(test, doubled, killed)
  }

  it(
    `loses nothing when workers are killed in the midst of tasks, ${KILLS} times`,
    () =>
      killAgainAndAgain(
        'killed in tasks',
        20,
        (pid, { ledger }) => ledger.count('begin', pid) > Math.max(5, ledger.count('end', pid)),
      ),
    90 * SECONDS,
  )

  it(
    `loses nothing when workers are killed while they take, ${KILLS} times`,
    () => {
      // Not the same instant twice, and the same instants in each run of the tests.
      let kill = 0
      const instants = new Map<number, number>()
      return killAgainAndAgain('killed while taking', 0, (pid, { ledger }) => {
        if (!instants.has(pid)) instants.set(pid, (kill++ * 37) % 100)
        return ledger.count('begin', pid) > (instants.get(pid) ?? 0)
      })
    },
    90 * SECONDS,
  )

  it(
    'stops warmly on SIGTERM: nothing is cut, lost or doubled, and what had not begun comes next in its order',
    async () => {
      const test = bench()
      const load = test.load((n) => test.call(n % 2 === 0 ? 'late' : 'early', n, 5))
      const first = await test.start()
      await test.more(100)
      expect(await first.end('SIGTERM', 10)).toBe(0)
      await load.stop()
      const { ledger } = test
      expect(ledger.count('end')).toBe(ledger.count('begin'))
      expect(await broker.messages(test.queue)).toBe(load.accepted.size - ledger.ended.size)
      const left = [...load.accepted].filter((n) => !ledger.ended.has(n)).sort((a, b) => a - b)
      const second = await test.start('-c', '1')
      await settle(test, load, second)
      const order = ledger.notes.filter(({ what, pid }) => what === 'begin' && pid === second.pid).map(({ n }) => n)
      expect(order).toEqual(left)
      const { lost, strangers, doubled } = test.census(`${name}, SIGTERM`, load)
      expect({ lost, strangers, doubled }).toEqual({ lost: [], strangers: [], doubled: [] })
    },
    60 * SECONDS,
  )

  it(
    'stops coldly on a second SIGTERM: what is acknowledged late runs again, what was acknowledged early is lost',
    async () => {
      const test = bench()
      const calls = ['hold.late', 'hold.early', 'hold.late', 'hold.late']
      for (const [n, call] of calls.entries()) await test.call(call, n)
      const first = await test.startWith({ health: true })
      await until('all hold', () => test.ledger.count('begin') === calls.length)
      first.program.signal('SIGTERM')
      await until('it stops', async () => (await first.health())?.state === 'stopping')
      expect(await first.end('SIGTERM', 10)).toBe(1)
      expect(first.program.log).toContain('cut off, and lost')
      test.ledger.openGate()
      const second = await test.start()
      await test.ran([0, 2, 3])
      await until('the queue is empty', async () => (await broker.messages(test.queue)) === 0)
      expect(await second.end('SIGTERM')).toBe(0)
      const load = { accepted: new Set(calls.keys()), unknown: new Set<number>(), refused: new Map<number, string>() }
      const { lost, doubled } = test.census(`${name}, SIGTERM twice`, load)
      expect({ lost, doubled }).toEqual({ lost: [1], doubled: [] })
    },
    60 * SECONDS,
  )

  it('stops warmly on SIGINT: what runs comes to its end', async () => {
    const test = bench()
    await test.call('hold.early', 1)
    const worker = await test.startWith({ health: true })
    await until('it holds', () => test.ledger.count('begin') === 1)
    const ended = worker.end('SIGINT', 10)
    await until('it stops', async () => (await worker.health())?.state === 'stopping')
    test.ledger.openGate()
    expect(await ended).toBe(0)
    expect(test.ledger.runsOf(1)).toEqual([worker.pid])
  })

  it(
    'throws away what is no task, counts it, and runs all between',
    async () => {
      const test = bench()
      const load = test.load()
      const worker = await test.startWith({ health: true })
      await test.more(20)
      const rubbish = (await broker.putRubbish?.(test.queue)) ?? 0
      const poison = await sendPoison(test)
      await test.more(300)
      await load.stop()
      await until('the queue is empty', async () => (await broker.messages(test.queue)) === 0)
      const health = await worker.health()
      expect([health?.state, health?.malformed]).toEqual(['running', poison + rubbish])
      expect(await worker.end('SIGTERM')).toBe(0)
      const { lost, doubled } = test.census(`${name}, ${poison + rubbish} that are no tasks between`, load)
      expect({ lost, doubled }).toEqual({ lost: [], doubled: [] })
    },
    60 * SECONDS,
  )
}
