import { randomUUID } from 'node:crypto'
import type { Celery } from '../../../../src/celery/celery-app.ts'
import type { WorkerHost } from '../../../../src/celery/worker/worker-host.ts'
import type { FaultBench } from './fault-bench.ts'

interface Poison {
  readonly body: string | Uint8Array
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, unknown>>
}

const embed = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}'
const body = `[[1,0],{},${embed}]`
const deep = '['.repeat(100_000)

/** By what is wrong with them. */
const poisons: Readonly<Record<string, Poison>> = {
  'not JSON': { body: '{' },
  nothing: { body: '' },
  'no text': { body: new Uint8Array([0xff, 0xfe, 0]) },
  'two items': { body: '[[1,0],{}]' },
  'a number': { body: '7' },
  'no id': { body, headers: { id: undefined } },
  'an id that is a number': { body, headers: { id: 7 } },
  'a task that is a list': { body, headers: { task: ['late'] } },
  'an eta that is no time': { body, headers: { eta: 'soon' } },
  'retries that are a text': { body, headers: { retries: 'many' } },
  'a pickle': { body: new Uint8Array([0x80, 4, 0x4e, 0x2e]), contentType: 'application/x-python-serialize' },
  'huge nesting': { body: `[[${deep}` },
  'huge nesting that ends': { body: `[[${deep}${']'.repeat(100_000)},0],{},${embed}]` },
  'arguments that are no list': { body: `[7,{},${embed}]` },
  'keywords that are no object': { body: `[[1,0],[1],${embed}]` },
  'a task that nobody knows': { body, headers: { task: 'unheard' } },
}

/** Publishes messages to a bench's queue that are no tasks, and gives how many. */
export async function sendPoison({ celery, queue }: FaultBench): Promise<number> {
  // The app gives itself to its workers; like one of them it may send whatever it pleases.
  const broker = (celery as Celery & WorkerHost).createBroker()
  try {
    for (const { body, contentType = 'application/json', headers = {} } of Object.values(poisons)) {
      const labels = { lang: 'py', task: 'late', id: randomUUID(), retries: 0, ...headers }
      const message = {
        body: Buffer.from(body),
        contentType,
        contentEncoding: typeof body === 'string' ? 'utf-8' : 'binary',
        headers: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined)),
        properties: { deliveryMode: 2 },
      } as const
      await broker.publish(message, { exchange: '', exchangeType: 'direct', routingKey: queue })
    }
  } finally {
    await broker.close()
  }
  return Object.keys(poisons).length
}
