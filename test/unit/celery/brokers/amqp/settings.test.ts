import { describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../../../src/celery/brokers/amqp/amqp-broker.ts'
import { backoff } from '../../../../../src/celery/brokers/amqp/backoff.ts'
import { declarationRefusal, isFinalRefusal } from '../../../../../src/celery/brokers/amqp/declaration-refusal.ts'
import { DeclarationError } from '../../../../../src/celery/brokers/errors.ts'

const times = { intervalStart: 200, intervalStep: 2000, intervalMax: 30_000 }

describe('the time between tries to connect', () => {
  it('grows with each, up to its maximum', () => {
    expect([1, 2, 3, 100].map((failures) => backoff(failures, times, () => 1))).toEqual([200, 2200, 4200, 30_000])
  })

  it('is spread over its second half', () => {
    expect([0, 0.5, 1].map((chance) => backoff(2, times, () => chance))).toEqual([1100, 1650, 2200])
  })
})

describe('options of RabbitMQ', () => {
  it('are refused all at once', () => {
    const make = () =>
      createAmqpBroker({
        address: { kind: 'amqp', servers: [], text: 'amqp://' },
        heartbeat: -1,
        transportOptions: { confirm_timeout: 'long', native_delayed_delivery_queue_type: 'stream' },
      })
    expect(make).toThrow(TypeError)
    for (const part of ['`heartbeat`', '`confirm_timeout`', "'quorum' or 'classic'", 'at least one server']) {
      expect(make).toThrow(part)
    }
  })
})

describe('a declaration that RabbitMQ refuses', () => {
  function refused(code: number, text: string): unknown {
    const message = `Operation failed: QueueDeclare; ${code} (X) with message "${text}"`
    return declarationRefusal('q', Object.assign(new Error(message), { code }))
  }

  it('says which argument differs, what was expected and what was found', () => {
    const error = refused(
      406,
      "PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'q' in vhost '/': received none but current is the value '10' of type 'signedint'",
    )
    expect(error).toBeInstanceOf(DeclarationError)
    expect(String(error)).toContain(
      "it exists with another `x-max-priority`: expected none, found the value '10' of type 'signedint'. Declare it as it is, or `passive`",
    )
    expect(isFinalRefusal(error)).toBe(true)
  })

  it('is not final when another connection has the queue', () => {
    const error = refused(405, 'RESOURCE_LOCKED')
    expect(String(error)).toContain('another connection has it')
    expect(isFinalRefusal(error)).toBe(false)
  })

  it('stays what it is when it is none', () => {
    const error = new Error('connect ECONNREFUSED')
    expect(declarationRefusal('q', error)).toBe(error)
  })
})
