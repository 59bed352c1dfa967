import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { BrokerConnectionError, PublishUnknownError } from '../errors.ts'
import { FENCE_SECONDS, Fence } from './fence.ts'
import { type Batch, batchWords, type Outgoing } from './outgoing.ts'
import { publishScript } from './publish-script.ts'

/** At most so many messages, and about so many characters, are stored by one call. */
const BATCH_ITEMS = 100
const BATCH_TEXT = 4 << 20
/** Calls under way at a time. */
const BATCHES = 16

/**
 * Puts messages into lists, in the order of the calls, several by one call.
 *
 * A message is in one of these places:
 * - `waiting`: not sent, or certainly not stored. Goes out when the connection is up; given up at its deadline as "not sent".
 * - a batch of `sent`: under way. The answer says that it is stored. When the server answers that it did nothing, it waits again:
 *   where the fence is gone (the server lost its data), for a new one by the same connection, which comes once all that is
 *   under way was refused too.
 * - a batch of `doubtful`: under way when the connection was lost. The next connection first closes the fence of that one, which
 *   says which batches were stored; the others wait again. Where the fence is gone (the server lost its data, or is another
 *   one), or no connection comes before the deadline, nobody knows: it is rejected as unknown.
 *
 * Nothing is ever sent again that may have been stored.
 */
export class Publisher {
  readonly #address: string
  readonly #keyOf: (id: string) => string
  #link: RedisLink | undefined
  #fence: Fence | undefined
  /** A batch was refused for want of the fence, and so is every batch behind it. */
  #isFenceGone = false
  #number = 0
  #waiting: Outgoing[] = []
  #sent: Batch[] = []
  #doubtful: Batch[] = []
  #scheduled = false
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(address: string, keyOf: (id: string) => string) {
    this.#address = address
    this.#keyOf = keyOf
  }

  /** Gives it the connection that calls `up` and `down`. */
  attach(link: RedisLink): void {
    this.#link = link
  }

  send(item: Outgoing): void {
    this.#waiting.push(item)
    this.#watchDeadlines()
    this.#schedule()
  }

  /** Tells whether everything is stored or rejected. */
  get isIdle(): boolean {
    return this.#waiting.length + this.#sent.length + this.#doubtful.length === 0
  }

  /** Prepares a new connection: what became of what was under way, and a fence of its own. */
  async up(connection: RedisConnection): Promise<void> {
    await this.#clearDoubts(connection)
    await this.#openFence(connection)
    setImmediate(() => this.#flush())
  }

  down(): void {
    this.#doubtful.push(...this.#sent)
    this.#sent = []
    const lost = new BrokerConnectionError(this.#address, 'the connection was lost before the message was sent')
    this.#returned = this.#waiting.slice(0, this.#returned).filter((item) => item.retry).length
    this.#waiting = this.#waiting.filter((item) => item.retry || item.reject(lost))
  }

  /** Rejects everything that is not stored. */
  fail(reason: Error): void {
    this.#stopTimer()
    const unsent = new BrokerConnectionError(this.#address, reason.message, { cause: reason })
    const unknown = new PublishUnknownError(this.#address, { cause: reason })
    for (const item of this.#waiting) item.reject(unsent)
    for (const { items } of [...this.#sent, ...this.#doubtful]) for (const item of items) item.reject(unknown)
    this.#waiting = []
    this.#sent = []
    this.#doubtful = []
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const flush = () => {
      this.#scheduled = false
      this.#flush()
    }
    // With calls under way there is time to collect more for the next one; else every microsecond counts.
    if (this.#sent.length > 0) setImmediate(flush)
    else queueMicrotask(flush)
  }

  #flush(): void {
    const connection = this.#link?.connection
    if (connection === undefined) {
      this.#link?.connect().catch(() => {}) // its failure comes by `fail`
      return
    }
    if (this.#isFenceGone) return // `#renewFence` flushes
    while (this.#waiting.length > 0 && this.#sent.length < BATCHES) void this.#store(connection, this.#nextItems())
  }

  #nextItems(): Outgoing[] {
    let text = 0
    let count = 0
    while (count < this.#waiting.length && count < BATCH_ITEMS && text < BATCH_TEXT) {
      for (const copy of this.#waiting[count]?.copies ?? []) text += copy.text.length
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #store(connection: RedisConnection, items: readonly Outgoing[]): Promise<void> {
    const batch: Batch = { number: ++this.#number, items }
    this.#sent.push(batch)
    const { lists, words, runs } = batchWords(items)
    const numbers = [String(batch.number - 1), String(batch.number), String(FENCE_SECONDS)]
    let faults: unknown
    try {
      faults = await connection.eval(publishScript, [this.#fence?.key ?? '', ...lists], [...numbers, ...words])
    } catch (error) {
      return this.#failed(connection, batch, error)
    }
    if (!this.#settle(batch)) return
    if (faults === -1) return this.#refused(connection, batch)
    if (Array.isArray(faults) && faults.length > 0) rejectRuns(this.#address, items, runs, faults)
    for (const item of items) item.resolve()
    if (this.#waiting.length > 0) this.#flush()
  }

  /** Takes a batch out of those under way. False: the connection was lost meanwhile, and the next one clears it up. */
  #settle(batch: Batch): boolean {
    const place = this.#sent.indexOf(batch)
    if (place >= 0) this.#sent.splice(place, 1)
    return place >= 0
  }

  #failed(connection: RedisConnection, batch: Batch, error: unknown): void {
    const failure = error instanceof RedisFailure ? error : undefined
    if (failure?.kind === 'unanswered') return // `down` follows, and has it among the doubtful
    if (!this.#settle(batch)) return
    if (failure !== undefined && (failure.kind === 'unsent' || isPassing(failure))) {
      this.#again(connection, batch)
      return
    }
    const reason = error instanceof Error ? error.message : 'it failed'
    const unsent = new BrokerConnectionError(this.#address, reason, { cause: error })
    for (const item of batch.items) item.reject(unsent)
    this.#renewFence(connection)
  }

  /** The server did nothing, as it has not the fence. Not the fault of the connection: it goes by a new fence. */
  #refused(connection: RedisConnection, { items }: Batch): void {
    this.#isFenceGone = true
    this.#waitAgain(items)
    this.#renewFence(connection)
  }

  /** Once nothing is under way that needs the old fence: it was refused too, and waits again in its order. */
  #renewFence(connection: RedisConnection): void {
    if (!this.#isFenceGone || this.#sent.length > 0) return
    this.#openFence(connection).then(
      () => this.#flush(),
      () => connection.close(), // whatever it was, the next connection opens one
    )
  }

  async #openFence(connection: RedisConnection): Promise<void> {
    const fence = new Fence(this.#keyOf, 'publisher')
    await fence.open(connection, '0')
    this.#fence = fence
    this.#isFenceGone = false
    this.#number = 0
    this.#returned = 0
  }

  /** A batch that was certainly not stored: it goes first by the next connection, as all behind it were refused too. */
  #again(connection: RedisConnection, { items }: Batch): void {
    const lost = new BrokerConnectionError(this.#address, 'the connection was lost and the message was not stored')
    this.#waitAgain(items.filter((item) => item.retry || item.reject(lost)))
    connection.close()
  }

  #waitAgain(items: readonly Outgoing[]): void {
    this.#waiting.splice(this.#returned, 0, ...items)
    this.#returned += items.length
  }

  /** How many at the front of `waiting` came back, and go before all others. */
  #returned = 0

  async #clearDoubts(connection: RedisConnection): Promise<void> {
    if (this.#doubtful.length > 0 && this.#fence !== undefined) {
      // Asked also when the server has refused something since: what came before may be stored.
      const stored = (await this.#storedBy(this.#fence, connection)) ?? (this.#isFenceGone ? 0 : undefined)
      const lost = new BrokerConnectionError(this.#address, 'the connection was lost and the message was not stored')
      const unknown = new PublishUnknownError(this.#address)
      const again: Outgoing[] = []
      for (const { number, items } of this.#doubtful) {
        for (const item of items) {
          if (stored === undefined) item.reject(unknown)
          else if (number <= stored) item.resolve()
          else if (item.retry) again.push(item)
          else item.reject(lost)
        }
      }
      this.#doubtful = []
      // Behind those that the server refused: answers come in order, so these were sent later.
      this.#waitAgain(again)
    }
  }

  /** The number of the last batch that was stored; undefined: nobody knows. */
  async #storedBy(fence: Fence, connection: RedisConnection): Promise<number | undefined> {
    const value = await fence.close(connection)
    return value === undefined ? undefined : Number(value)
  }

  #watchDeadlines(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#giveUpLate(), 100)
    this.#timer.unref()
  }

  #giveUpLate(): void {
    const now = performance.now()
    const cause = this.#link?.lastFailure
    const unsent = new BrokerConnectionError(this.#address, cause?.message ?? 'no connection came in time', { cause })
    const unknown = new PublishUnknownError(this.#address)
    const isInTime = (item: Outgoing, error: Error) => item.deadline > now || item.reject(error)
    this.#waiting = this.#waiting.filter((item) => isInTime(item, unsent))
    for (const batch of [...this.#sent, ...this.#doubtful]) {
      batch.items = batch.items.filter((item) => isInTime(item, unknown))
    }
    this.#doubtful = this.#doubtful.filter(({ items }) => items.length > 0)
    if (this.isIdle) this.#stopTimer()
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function rejectRuns(
  address: string,
  items: readonly Outgoing[],
  runs: readonly number[],
  faults: readonly unknown[],
): void {
  for (let at = 0; at < faults.length; at += 2) {
    const run = Number(faults[at])
    const text = String(faults[at + 1])
    const reason = text.startsWith('WRONGTYPE') ? 'the name of the queue is that of another key' : text.split(' ', 1)[0]
    for (let i = runs[run] ?? 0; i < (runs[run + 1] ?? items.length); i++) {
      items[i]?.reject(new BrokerConnectionError(address, `the message was not stored: ${reason}`))
    }
  }
}

/** Refusals of one server at one moment, that another connection may not meet. */
function isPassing({ kind, reply }: RedisFailure): boolean {
  return kind === 'refused' && reply !== 'OOM' && reply !== 'MISCONF' && reply !== 'NOREPLICAS'
}
