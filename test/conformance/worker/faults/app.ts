// The app of the workers that are killed. The variable FAULTS says by what they are reached, and where tasks note that they ran.
import { existsSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCelery, createLogger } from 'twopi/celery'

const { settings, ledger, gate } = JSON.parse(process.env['FAULTS'] ?? '{}') as {
  readonly settings: Record<string, unknown>
  readonly ledger: string
  readonly gate: string
}
const logger = createLogger({ level: 'info', format: 'json' })
export const celery = createCelery('faults', settings, { injectVersion: false, environment: {}, logger })

// One write appends one line, whole, and is there also when the process is killed right after it.
const file = openSync(ledger, 'a')
const note = (what: 'begin' | 'end', n: number) => void writeSync(file, `${what} ${n} ${process.pid}\n`)

async function work(n: number, ms: number): Promise<number> {
  note('begin', n)
  if (ms > 0) await sleep(ms)
  note('end', n)
  return n
}

async function hold(n: number): Promise<number> {
  note('begin', n)
  while (!existsSync(gate)) await sleep(10)
  note('end', n)
  return n
}

celery.task('late', { acksLate: true }, (_context, n: number, ms: number) => work(n, ms))
celery.task('early', (_context, n: number, ms: number) => work(n, ms))
celery.task('hold.late', { acksLate: true }, (_context, n: number) => hold(n))
celery.task('hold.early', (_context, n: number) => hold(n))
