import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { BackendOptions } from '../../../src/celery/backends/backend-options.ts'
import { createRedisBackend } from '../../../src/celery/backends/redis/create-redis-backend.ts'
import type { ResultBackend } from '../../../src/celery/backends/result-backend.ts'
import type { RedisAddress } from '../../../src/celery/brokers/broker-address.ts'
import { loadSerializer } from '../../../src/celery/protocol/serializers.ts'
import { parseBrokerUrl } from '../../../src/celery/settings/parse-broker-url.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { describeBackend } from './cases.ts'
import type { BackendVariant, OpenSettings } from './variant.ts'

const url = await redisUrl()

if (url === undefined)
  describe.skip('result store: redis (install redis-server, or set REDIS_URL)', () => void it('runs'))
else suite(url)

function suite(url: string): void {
  const prefix = `conformance-${randomBytes(4).toString('hex')}`
  const names = new WeakMap<ResultBackend, string>()
  const client = createClient({ url })
  beforeAll(() => client.connect())
  afterAll(() => client.close())

  const open = (options: Partial<BackendOptions>, { resultExpires = 86_400 }: OpenSettings = {}): ResultBackend => {
    const connectionName = `${prefix}-${randomBytes(4).toString('hex')}`
    const backend = createRedisBackend({
      address: parseBrokerUrl(url, { role: 'result' }) as RedisAddress,
      resultExpires,
      connectionName,
      ...options,
      transportOptions: { global_keyprefix: prefix, ...options.transportOptions },
    } as BackendOptions<RedisAddress>)
    names.set(backend, connectionName)
    return backend
  }

  const interrupt = async (backend: ResultBackend): Promise<void> => {
    const list = await client.sendCommand(['CLIENT', 'LIST'])
    const name = names.get(backend)
    const own = String(list)
      .split('\n')
      .filter((line) => line.includes(` name=${name} `))
    await Promise.all(
      own.map((line) => client.sendCommand(['CLIENT', 'KILL', 'ID', /id=(\d+)/.exec(line)?.[1] ?? '']).catch(() => 0)),
    )
  }

  const variant: BackendVariant = {
    kind: 'redis',
    capabilities: { abilities: { shared: true, chords: true }, fields: 'all', expires: true },
    open: (settings) => open({}, settings),
    unreachable: () => {
      const address = parseBrokerUrl('redis://user:s3cret@127.0.0.1:1/0', { role: 'result' }) as RedisAddress
      return open({ address, maxRetries: 1 })
    },
    secrets: ['s3cret'],
    interrupt,
    pokeRaw: async (taskId, text) => void (await client.set(`${prefix}_celery-task-meta-${taskId}`, text)),
    saveGroup: async (groupId, tuple) => {
      await client.setEx(`${prefix}_celery-taskset-meta-${groupId}`, 60, JSON.stringify({ result: tuple }))
    },
  }

  describeBackend('redis', variant)

  // Texts that are put there as JSON are none of msgpack.
  const { pokeRaw: _, saveGroup: __, ...withoutTexts } = variant
  describeBackend('redis with msgpack', {
    ...withoutTexts,
    open: async (settings) => {
      await loadSerializer('msgpack')
      return open(
        { serializer: 'msgpack', accept: ['msgpack'], transportOptions: { global_keyprefix: `${prefix}-ä世` } },
        settings,
      )
    },
  })

  const unordered = 'without `result_chord_ordered` parts are in the order in which they were done'
  const twice = 'without `result_chord_ordered` a part that comes twice is in the list twice, as in Celery'
  describeBackend(
    'redis with chords as lists',
    { ...variant, open: (settings) => open({ transportOptions: { result_chord_ordered: false } }, settings) },
    {
      'is complete with its last part, and gives the results in the order of the group': unordered,
      'has the results in the order of numbers, not of texts': unordered,
      'has parts without a number behind the others': unordered,
      'names the first of several failed parts, in the order of the group': unordered,
      'is complete once, of parts that end in several processes at the same time': unordered,
      'counts a part once that is noted twice': twice,
    },
  )
}
