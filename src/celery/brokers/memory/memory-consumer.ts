import type { ConsumeOptions, Consumer, QueueDeclaration } from '../broker.ts'
import { type DeliveryHolder, MemoryDelivery } from './memory-delivery.ts'
import type { MemoryQueue, Taker } from './memory-queue.ts'
import type { MemorySpace } from './memory-space.ts'
import type { Served } from './turns.ts'

/** The handle a consumer is of. */
export interface ConsumerOwner {
  readonly space: MemorySpace
  /** It takes no more. */
  consumerEnded(consumer: MemoryConsumer): void
  /** It takes no more and holds nothing any more. */
  consumerSettled(consumer: MemoryConsumer): void
}

/**
 * Takes from queues in turn, as long as fewer are unsettled than its prefetch says.
 *
 * States: `taking` and `interrupted` change into each other; `over` is the end. What it holds when it is over can still be
 * settled.
 */
export class MemoryConsumer implements Consumer, Taker, Served, DeliveryHolder {
  readonly done: Promise<Error | undefined>
  readonly #end: (reason: Error | undefined) => void
  readonly #owner: ConsumerOwner
  readonly #options: ConsumeOptions
  readonly #queues: MemoryQueue[] = []
  /** In the order they were delivered. */
  readonly #unsettled = new Set<MemoryDelivery>()
  #prefetch: number
  #state: 'taking' | 'interrupted' | 'over' = 'taking'
  /** It waits for its turn already. */
  #waiting = false
  #next = 0

  constructor(owner: ConsumerOwner, options: ConsumeOptions) {
    this.#owner = owner
    this.#options = options
    this.#prefetch = options.prefetch
    let end: (reason: Error | undefined) => void = () => {}
    this.done = new Promise((resolve) => {
      end = resolve
    })
    this.#end = end
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  async addQueue(declaration: QueueDeclaration): Promise<void> {
    if (this.isOver) return
    this.add(this.#owner.space.declareQueue(declaration, this.#owner))
  }

  add(queue: MemoryQueue): void {
    if (!this.#queues.includes(queue)) this.#queues.push(queue)
    queue.addTaker(this)
  }

  async cancelQueue(name: string): Promise<void> {
    const at = this.#queues.findIndex((queue) => queue.name === name)
    for (const queue of at < 0 ? [] : this.#queues.splice(at, 1)) this.#owner.space.leaveQueue(queue, this)
  }

  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count
    this.wake()
  }

  async cancel(): Promise<void> {
    this.stop(undefined)
  }

  /** Takes no more. */
  stop(reason: Error | undefined): void {
    if (this.isOver) return
    this.#state = 'over'
    for (const queue of this.#queues.splice(0)) this.#owner.space.leaveQueue(queue, this)
    this.#owner.consumerEnded(this)
    if (this.#unsettled.size === 0) this.#owner.consumerSettled(this)
    this.#end(reason)
  }

  /** Gives everything it holds back to the broker. */
  loseAll(): void {
    const lost = [...this.#unsettled]
    this.#unsettled.clear()
    for (const delivery of lost) delivery.lose()
  }

  interrupt(reason: Error): void {
    if (this.#state === 'taking') {
      this.#state = 'interrupted'
      this.loseAll()
      this.#options.onInterrupted?.(reason)
    } else this.loseAll()
  }

  resume(): void {
    if (this.#state !== 'interrupted') return
    this.#state = 'taking'
    this.wake()
    this.#options.onResumed?.()
  }

  wake(): void {
    if (this.#waiting || !this.#hasRoom()) return
    this.#waiting = true
    this.#owner.space.turns.add(this)
  }

  /** One message of the queue whose turn it is. */
  serve(): void {
    this.#waiting = false
    if (!this.#hasRoom()) return
    const count = this.#queues.length
    for (let i = 0; i < count; i++) {
      const at = (this.#next + i) % count
      const queue = this.#queues[at] as MemoryQueue
      const stored = queue.take()
      if (stored === undefined) continue
      this.#next = at + 1
      const delivery = new MemoryDelivery(this, queue, stored)
      this.#unsettled.add(delivery)
      this.wake() // before the call, which may throw
      this.#options.onDelivery(delivery)
      return
    }
  }

  settled(delivery: MemoryDelivery): void {
    this.#unsettled.delete(delivery)
    if (!this.isOver) this.wake()
    else if (this.#unsettled.size === 0) this.#owner.consumerSettled(this)
  }

  /** Somebody removed it: it is made again, as a driver does that consumes again what it consumed. */
  queueDeleted(queue: MemoryQueue): void {
    const at = this.#queues.indexOf(queue)
    if (at >= 0) this.#queues.splice(at, 1)
    if (!this.isOver && at >= 0)
      this.add(this.#owner.space.declareQueue({ ...queue.declaration, passive: false }, this.#owner))
  }

  #hasRoom(): boolean {
    return this.#state === 'taking' && (this.#prefetch === 0 || this.#unsettled.size < this.#prefetch)
  }
}
