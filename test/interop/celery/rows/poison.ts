import { randomUUID } from 'node:crypto'
import { connect } from 'amqplib'
import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'
import { until } from './until.ts'

/** What nobody may see in a log. */
const SECRET = 'hunter2'

interface Raw {
  readonly headers?: Record<string, unknown>
  readonly body?: string | Buffer
  readonly contentType?: string
  /** Left out of the message, or changed in it; of Redis alone. */
  readonly envelope?: (envelope: Record<string, unknown>) => unknown
  /** What is stored of it in the end; undefined: nothing. */
  readonly state?: string
}

const embed = { callbacks: null, errbacks: null, chain: null, chord: null }
const body = JSON.stringify([[SECRET, 2], {}, embed])
const sum = JSON.stringify([[1, 2], {}, embed])
const past = '2020-01-01T00:00:00+00:00'

/** Messages that a worker in Python dies of, or throws away; `id` is put into the headers unless they say otherwise. */
const everywhere: Readonly<Record<string, Raw>> = {
  'a body of two items': { body: JSON.stringify([[SECRET], {}]) },
  'no id': { body, headers: { id: undefined } },
  'an eta that is no time': { body, headers: { eta: SECRET } },
  'an expiry that is no time': { body, headers: { expires: 'soon' } },
  'an expiry that is past': { body, headers: { expires: past }, state: 'REVOKED' },
  'a task that nobody knows': { body, headers: { task: 'ts.unheard' }, state: 'FAILURE' },
  'a pickle': { body: Buffer.from(`\x80\x04X${SECRET}`), contentType: 'application/x-python-serialize' },
  'a body that is no JSON': { body: `{${SECRET}` },
  'bytes that are no text': { body: Buffer.from([0xff, 0xfe, 0x00]) },
  nothing: { body: '' },
}

/** What is unusual and yet a task. */
const unusual: Readonly<Record<string, Raw>> = {
  'only a name and an id': { body: JSON.stringify([[1, 2], {}, {}]), state: 'SUCCESS' },
  'no embedded signatures': { body: JSON.stringify([[1, 2], {}, null]), state: 'SUCCESS' },
  'another language': { body: sum, headers: { lang: 'go' }, state: 'SUCCESS' },
}

/** What Redis alone can hold. */
const onRedis: Readonly<Record<string, Raw>> = {
  'no delivery tag': {
    body,
    envelope: ({ properties, ...rest }) => ({ ...rest, properties: without(properties, 'delivery_tag') }),
  },
  'no delivery info': {
    state: 'SUCCESS',
    body: sum,
    envelope: ({ properties, ...rest }) => ({ ...rest, properties: without(properties, 'delivery_info') }),
  },
  'no properties': { body, envelope: ({ properties: _, ...rest }) => rest },
  'no JSON': { envelope: () => `${SECRET} {` },
  'a text': { envelope: () => JSON.stringify(SECRET) },
  'no encoding, and the body as it is': {
    body: sum,
    envelope: ({ properties, ...rest }) => ({
      body: sum,
      'content-type': 'application/json',
      headers: rest['headers'],
      properties: without(properties, 'body_encoding'),
    }),
    state: 'SUCCESS',
  },
}

/** Raw messages between good ones. */
export function poison(world: () => World): void {
  describe('our worker, given what is no task', () => {
    it('runs the good messages between the bad ones, and tells nobody what was in them', async () => {
      const { broker, celery, store, typescriptWorker, id } = world()
      const rows = Object.entries({ ...everywhere, ...unusual, ...(broker === 'Redis' && onRedis) })
      const push = await pusher(world())
      const before = typescriptWorker.log.length
      const sent: { title: string; taskId: string; state: string | undefined }[] = []
      const good = []
      for (const [title, raw] of rows) {
        const taskId = randomUUID()
        await push.send(taskId, raw)
        sent.push({ title, taskId, state: raw.state })
        good.push(await celery.sendTask('ts.add', [good.length, 1]))
      }
      await push.close()
      const sums = await Promise.all(good.map((result) => result.get({ timeout: '15 seconds' })))
      expect(sums).toEqual(good.map((_, index) => index + 1))
      const stored = async () =>
        Promise.all(
          sent.map(async ({ title, taskId, state }) => {
            const text = await store.get(`celery-task-meta-${taskId}`)
            return [title, text === null ? undefined : (JSON.parse(text) as { status: string }).status, state] as const
          }),
        )
      await until('all outcomes', async () => (await stored()).every(([, found, state]) => found === state)).catch(
        async () => expect(await stored()).toEqual((await stored()).map(([title, , state]) => [title, state, state])),
      )
      const bad = rows.filter(([, raw]) => raw.state === undefined).length
      const refused = () => typescriptWorker.log.slice(before).split('message rejected: it cannot be read').length - 1
      await until('every one is refused', () => refused() >= bad)
      expect(refused()).toBe(bad)
      expect(typescriptWorker.log.slice(before)).not.toContain(SECRET)
      expect(typescriptWorker.isOver).toBe(false)
      if (broker === 'Redis') {
        // Nothing comes again.
        await until('all is settled', async () => (await store.hLen('unacked')) === 0)
        expect(await store.lLen(`${id}.ts`)).toBe(0)
      }
    })
  })
}

interface Pusher {
  send(taskId: string, raw: Raw): Promise<void>
  close(): Promise<void>
}

async function pusher({ broker, store, queues, settings }: World): Promise<Pusher> {
  const headersOf = (taskId: string, raw: Raw) => {
    const headers: Record<string, unknown> = { task: 'ts.add', id: taskId, ...raw.headers }
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name]
    return headers
  }
  if (broker === 'RabbitMQ') {
    const connection = await connect(String(settings['broker_url']).replace(/\/\/$/, '/%2F'))
    const channel = await connection.createConfirmChannel()
    return {
      async send(taskId, raw) {
        const { body = '', contentType = 'application/json' } = raw
        const options = { headers: headersOf(taskId, raw), contentType, contentEncoding: 'utf-8' }
        channel.publish('', queues.ts, Buffer.from(body), options)
        await channel.waitForConfirms()
      },
      close: () => connection.close(),
    }
  }
  return {
    async send(taskId, raw) {
      const { body = '', contentType = 'application/json', envelope = (same) => same } = raw
      const made = envelope({
        body: Buffer.from(body).toString('base64'),
        'content-encoding': 'utf-8',
        'content-type': contentType,
        headers: headersOf(taskId, raw),
        properties: {
          delivery_tag: randomUUID(),
          delivery_info: { exchange: '', routing_key: queues.ts },
          body_encoding: 'base64',
        },
      })
      await store.lPush(queues.ts, typeof made === 'string' ? made : JSON.stringify(made))
    },
    close: async () => undefined,
  }
}

function without(object: unknown, name: string): Record<string, unknown> {
  const copy = { ...(object as Record<string, unknown>) }
  delete copy[name]
  return copy
}
