import { describe, expect, it } from 'vitest'
import { afterDelay, delayedRoutingKey, withoutDelay } from '../../../../../src/celery/brokers/amqp/native-delay.ts'
import { topicMatches } from '../../../../../src/celery/brokers/memory/topic-matches.ts'

describe('native delay', () => {
  it('writes the seconds as 28 bits before the routing key', () => {
    expect(delayedRoutingKey(10, 'q.rk')).toBe('0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.1.0.q.rk')
    expect(delayedRoutingKey(1.9, 'q')).toBe(`${'0.'.repeat(27)}1.q`)
  })

  it('cuts off what 28 bits do not hold', () => {
    expect(delayedRoutingKey(2 ** 28, 'q')).toBe(`${'1.'.repeat(28)}q`)
    expect(delayedRoutingKey(1e300, 'q')).toBe(`${'1.'.repeat(28)}q`)
  })

  it('binds behind the delay with whatever stands before the routing key', () => {
    expect(['mail', 'mail.*', '#', '#.mail'].map(afterDelay)).toEqual(['#.mail', '#.mail.*', '#', '#.mail'])
  })

  it('gives back the way a message would have come without it', () => {
    const key = delayedRoutingKey(10, 'a.b')
    expect(withoutDelay('celery_delayed_delivery', key, 'own')).toEqual(['own', 'a.b'])
    expect(withoutDelay('celery_delayed_27', key, 'own')).toEqual(['own', 'a.b'])
    expect(withoutDelay('other', key, 'own')).toEqual(['other', key])
    expect(withoutDelay('celery_delayed_delivery', '1.0.a', 'own')).toEqual(['celery_delayed_delivery', '1.0.a'])
  })

  it('knows which keys a pattern takes', () => {
    const cases = [
      ['mail', 'mail'],
      ['mail.*', 'mail.a'],
      ['mail.#', 'mail'],
      ['#.z', 'a.b.z'],
      ['a.#.z', 'a.z'],
    ] as const
    for (const [pattern, key] of cases) expect(topicMatches(pattern.split('.'), key.split('.')), pattern).toBe(true)
    const others = [
      ['mail', 'mails'],
      ['mail.*', 'mail'],
      ['mail.*', 'mail.a.b'],
      ['a.#.z', 'a.b'],
    ] as const
    for (const [pattern, key] of others) expect(topicMatches(pattern.split('.'), key.split('.')), pattern).toBe(false)
  })
})
