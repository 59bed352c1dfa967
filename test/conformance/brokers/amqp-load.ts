import { setImmediate as turn } from 'node:timers/promises'
import type { Broker, Consumer, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { message, textOf, to, until } from './bench.ts'

/** What a load has come to. */
export interface LoadCounts {
  readonly accepted: number
  readonly rejected: number
  /** Accepted and never delivered: must be none. */
  readonly lost: number
  readonly doubled: number
}

/** Publishes and takes messages as fast as it goes, while something happens to the broker. */
export class Load {
  readonly accepted = new Set<string>()
  readonly rejected = new Map<string, string>()
  readonly seen = new Map<string, number>()
  readonly told: string[] = []
  readonly #sender: Broker
  readonly #queue: QueueDeclaration
  readonly #taker: Broker
  #consumer: Consumer | undefined
  #sending: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(sender: Broker, taker: Broker, queue: QueueDeclaration) {
    this.#sender = sender
    this.#taker = taker
    this.#queue = queue
  }

  async start(): Promise<void> {
    await this.#sender.declare(this.#queue)
    this.#consumer = await this.#taker.consume([this.#queue], {
      prefetch: 50,
      onInterrupted: () => this.told.push('interrupted'),
      onResumed: () => this.told.push('resumed'),
      onDelivery: (delivery) => {
        const text = textOf(delivery)
        this.seen.set(text, (this.seen.get(text) ?? 0) + 1)
        delivery.ack().catch(() => undefined)
      },
    })
    this.#sending = this.#send()
    await until(() => this.accepted.size > 500 && this.seen.size > 100, 'a load')
  }

  /** Waits for so many more messages to be accepted, and taken. */
  async goesOn(count = 300, timeoutMs = 60_000): Promise<void> {
    const [accepted, seen] = [this.accepted.size, this.seen.size]
    await until(
      () => this.accepted.size >= accepted + count && this.seen.size >= seen + count,
      () => `${count} more, found ${this.accepted.size - accepted} accepted, ${this.seen.size - seen} seen`,
      timeoutMs,
    )
  }

  /** Stops sending, waits for everything that was accepted, and counts. */
  async stop(): Promise<LoadCounts> {
    this.#stopped = true
    await this.#sending
    const missing = () => [...this.accepted].filter((text) => !this.seen.has(text)).length
    await until(
      () => missing() === 0,
      () => `every accepted message to be delivered, ${missing()} are missing`,
      30_000,
    ).catch(() => undefined)
    await this.#consumer?.cancel()
    return {
      accepted: this.accepted.size,
      rejected: this.rejected.size,
      lost: missing(),
      doubled: [...this.seen.values()].filter((count) => count > 1).length,
    }
  }

  async #send(): Promise<void> {
    const under = new Set<Promise<void>>()
    for (let i = 0; !this.#stopped; i++) {
      const text = `m${i}`
      const one = this.#sender.publish(message(text), to(this.#queue)).then(
        () => void this.accepted.add(text),
        (error: { code?: string }) => void this.rejected.set(text, String(error.code)),
      )
      under.add(one)
      void one.then(() => under.delete(one))
      if (under.size >= 50) await Promise.race(under)
      if (i % 10 === 0) await turn()
    }
    await Promise.all(under)
  }
}
