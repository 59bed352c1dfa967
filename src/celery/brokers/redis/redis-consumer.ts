import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { ConsumeOptions, Consumer, QueueDeclaration } from '../broker.ts'
import type { ConsumerEnd, ConsumerHost } from './consumer-host.ts'
import { FENCE_SECONDS, Fence } from './fence.ts'
import type { Held } from './held.ts'
import { QueueRow } from './queue-row.ts'
import { readEnvelope } from './read-envelope.ts'
import { RedisDelivery } from './redis-delivery.ts'
import type { Destination } from './settler.ts'
import { takeScript } from './take-script.ts'
import { readRecord, readTaken, type TakenItem } from './taken.ts'

/** At most so many messages, and about so many bytes, are taken by one call. */
const BATCH = 100
const BATCH_BYTES = 4 << 20
/** Seconds between looks of an idle consumer, in case a word of a change was lost; they also show that the connection lives. */
const LOOK = 2
/** Milliseconds between looks where the server does not tell of changes: from the first to the second, doubling. */
const POLL = [5, 200] as const

/**
 * Takes messages from lists, without ever holding one that is not in the table of unacked messages.
 *
 * Redis has commands that wait, but they give the message away before it is stored anywhere else: a crash of ours would lose
 * it. Scripts lose nothing and cannot wait. So the server is asked to tell when a key changes that `EXISTS` was asked about
 * (`CLIENT TRACKING`, since Redis 6), whoever changes it, and the script takes. An idle consumer costs one `EXISTS` every two
 * seconds, and a message reaches it two round trips after it was pushed.
 *
 * States:
 * - `down`: no connection, or it is not prepared yet. `up` → `taking`.
 * - `taking`: the script is under way. It gave as much as was asked for → `full`, or `taking` again. It gave less → `looking`.
 * - `looking`: `EXISTS` is under way. There is something → `taking`; nothing → `waiting`.
 * - `waiting`: told of a change, or time for another look → `taking`.
 * - `full`: as many are unsettled as may be. One is settled → `taking`.
 * - `ended`: cancelled, or given up; `done` says which.
 *
 * The connection is lost from any state → `down`. A take whose answer was lost may have taken something: its fence knows, and
 * it is put back before the next take.
 */
export class RedisConsumer implements Consumer {
  readonly done: Promise<Error | undefined>
  readonly #host: ConsumerHost
  readonly #end: ConsumerEnd
  readonly #options: ConsumeOptions
  readonly #row: QueueRow
  #resolveDone: (reason: Error | undefined) => void = () => {}
  #state: 'down' | 'taking' | 'looking' | 'waiting' | 'full' | 'ended' = 'down'
  #connection: RedisConnection | undefined
  #prefetch: number
  #unsettled = 0
  #fence: Fence | undefined
  #lastTime = ''
  /** The queues of the take under way, whose answer was lost when the connection ended before it. */
  #asked: readonly string[] | undefined
  #underWay: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #idleLooks = 0
  #changed = false
  #isWaking = false

  constructor(host: ConsumerHost, options: ConsumeOptions, end: ConsumerEnd) {
    this.#host = host
    this.#end = end
    this.#options = options
    this.#prefetch = options.prefetch
    this.#row = new QueueRow(host.settings.order)
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve
    })
  }

  async addQueue(queue: QueueDeclaration): Promise<void> {
    await this.#host.declare(queue)
    this.take(queue.name)
  }

  /** Takes from a queue that is declared. */
  take(queue: string): void {
    this.#row.add(queue)
    this.#wake()
  }

  async cancelQueue(name: string): Promise<void> {
    this.#row.remove(name)
    await this.#underWay
    await Promise.all(this.#returning)
  }

  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count
    this.#wake()
  }

  async cancel(): Promise<void> {
    this.end(undefined)
    await this.#underWay
    await Promise.all(this.#returning)
  }

  /** Stops; what is under way is put back when it comes. */
  end(reason: Error | undefined): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearTimeout(this.#timer)
    this.#end.ended(this.#asked !== undefined)
    this.#resolveDone(reason)
  }

  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  /** Prepares a new connection. */
  async up(connection: RedisConnection): Promise<void> {
    await this.#recover(connection)
    if (this.isEnded) return
    const fence = new Fence((id) => this.#host.keys.fence(id), 'taker')
    await fence.open(connection, '')
    this.#fence = fence
  }

  /** Begins to take by a connection that is prepared. */
  start(connection: RedisConnection, isResumed: boolean): void {
    if (this.isEnded || this.#fence === undefined) return
    this.#connection = connection
    this.#state = 'waiting'
    if (isResumed) this.#options.onResumed?.()
    this.#wake()
  }

  down(reason: Error): void {
    if (this.isEnded) return
    const wasUp = this.#connection !== undefined
    this.#connection = undefined
    this.#state = 'down'
    clearTimeout(this.#timer)
    if (wasUp) this.#options.onInterrupted?.(reason)
  }

  /** A key has changed, which may be one of ours. */
  changed(): void {
    this.#changed = true
    if (this.#state === 'waiting') this.#take()
  }

  settle(held: Held, destination: Destination | undefined): Promise<void> {
    const settled = this.#host.settler.settle(held, destination)
    // What goes back is there before the next take, which would find something else otherwise.
    if (destination === undefined || destination === 'dead-letters') this.#freed()
    else
      settled.then(
        () => this.#freed(),
        () => this.#freed(),
      )
    return settled
  }

  lost(): void {
    this.#freed()
  }

  get keepsRejected(): boolean {
    return this.#host.settings.deadLetterList !== undefined
  }

  #freed(): void {
    this.#unsettled--
    if (this.#state !== 'full' || this.#isWaking) return
    this.#isWaking = true
    // Others may be settled in the same turn of the loop: then one take is for all of them.
    setImmediate(() => {
      this.#isWaking = false
      if (this.#state === 'full') this.#take()
    })
  }

  #wake(): void {
    if (this.#state === 'waiting' || this.#state === 'full') this.#take()
  }

  /** How many may be taken now. */
  #room(): number {
    return this.#prefetch === 0 ? BATCH : Math.min(BATCH, this.#prefetch - this.#unsettled)
  }

  #take(): void {
    const connection = this.#connection
    if (connection === undefined || this.isEnded) return
    clearTimeout(this.#timer)
    const most = this.#room()
    const queues = this.#row.names
    if (most <= 0 || queues.length === 0) {
      this.#state = queues.length === 0 ? 'waiting' : 'full'
      return
    }
    this.#state = 'taking'
    this.#changed = false
    this.#underWay = this.#takeBy(connection, queues, most)
  }

  async #takeBy(connection: RedisConnection, queues: readonly string[], most: number): Promise<void> {
    const { keys, lists, tails } = this.#host
    const fence = this.#fence as Fence
    const limits = [most, BATCH_BYTES, FENCE_SECONDS, queues.length, this.#row.rotates ? 1 : 0].map(String)
    let answer: unknown
    this.#asked = queues
    try {
      const fixed = [fence.key, keys.unacked, keys.unackedIndex, keys.malformed]
      answer = await connection.eval(takeScript, [...fixed, ...lists(queues)], [...limits, ...tails(queues)])
    } catch (error) {
      return this.#failed(connection, error)
    }
    // Of a connection that ended in this very instant: the fence tells what this was.
    if (this.#connection !== connection && !this.isEnded) return
    this.#asked = undefined
    if (this.isEnded) this.#end.cleared()
    if (answer === null) return await this.#renew(connection)
    this.#deliver(queues, answer, most)
  }

  #deliver(queues: readonly string[], answer: unknown, most: number): void {
    const { time, items } = readTaken(answer, queues)
    this.#lastTime = time
    this.#host.clock.observe(Number(time))
    for (const item of items) {
      const { held, envelope } = this.#host.hold(item)
      // Cancelled meanwhile, the consumer or the queue: nobody has seen it.
      if (this.isEnded || !this.#row.names.includes(item.queue)) {
        this.#giveBack(held)
        continue
      }
      this.#unsettled++
      this.#row.served(item.queue)
      this.#options.onDelivery(new RedisDelivery(held, envelope, this))
    }
    if (this.#state !== 'taking') return
    if (items.length > 0) this.#idleLooks = 0
    if (items.length >= most || this.#changed) this.#take()
    else if (this.#room() <= 0) this.#state = 'full'
    else this.#look()
  }

  /** Asks to be told of changes, and whether there was one since the take. */
  #look(): void {
    const connection = this.#connection
    if (connection === undefined) return
    if (!connection.watches) {
      this.#waitFor(Math.min(POLL[0] * 2 ** Math.min(this.#idleLooks++, 10), POLL[1]))
      return
    }
    this.#state = 'looking'
    this.#underWay = this.#lookBy(connection)
  }

  async #lookBy(connection: RedisConnection): Promise<void> {
    let count: number
    try {
      count = await connection.exists(this.#host.lists(this.#row.names))
    } catch (error) {
      return this.#failed(connection, error)
    }
    if (this.#state !== 'looking' || this.#connection !== connection) return
    // Something that cannot be taken: others were quicker again and again, or a key is no list.
    if (count > 0 || this.#changed) return this.#idleLooks++ < 5 ? this.#take() : this.#waitFor(50)
    this.#idleLooks = 0
    this.#waitFor(LOOK * 1000)
  }

  #waitFor(milliseconds: number): void {
    this.#state = 'waiting'
    this.#timer = setTimeout(() => {
      if (this.#state !== 'waiting') return
      if (this.#connection?.watches === true) this.#look()
      else this.#take()
    }, milliseconds)
  }

  /** The fence is gone: nothing was taken for longer than it is kept, or the server lost its data. */
  async #renew(connection: RedisConnection): Promise<void> {
    try {
      await this.#fence?.open(connection, '')
    } catch (error) {
      return this.#failed(connection, error)
    }
    if (this.#state === 'taking' && this.#connection === connection) this.#take()
  }

  #failed(connection: RedisConnection, error: unknown): void {
    const failure = error instanceof RedisFailure ? error : undefined
    // `down` follows, or was: what takes in the very turn of the loop in which a connection ends finds it ended.
    if (failure?.kind === 'unanswered' || failure?.kind === 'unsent') return
    if (this.isEnded || this.#connection !== connection) return
    this.#asked = undefined
    if (failure?.kind === 'refused') {
      connection.close()
      return
    }
    this.end(this.#host.asBrokerError(error))
  }

  /** Puts back what a take took whose answer was lost. */
  async #recover(connection: RedisConnection): Promise<void> {
    const queues = this.#asked
    if (queues === undefined || this.#fence === undefined) return
    const taken = readRecord(await this.#fence.close(connection), queues)
    this.#asked = undefined
    if (taken === undefined || taken.time === this.#lastTime) return
    for (const item of taken.items) this.#putBack(item)
  }

  #putBack(item: TakenItem): void {
    this.#giveBack(this.#host.hold(item, readEnvelope('null')).held)
  }

  #giveBack(held: Held): void {
    const returning = this.#host.settler.settle(held, 'front').catch(() => {})
    this.#returning.add(returning)
    void returning.then(() => this.#returning.delete(returning))
  }

  /** What goes back that nobody has seen. */
  readonly #returning = new Set<Promise<void>>()
}
