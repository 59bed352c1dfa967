import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { DeliveryLostError } from '../errors.ts'
import { type Held, proofOf } from './held.ts'
import { markRedelivered } from './mark-redelivered.ts'
import { PutBack } from './put-back.ts'
import type { RedisKeys } from './redis-keys.ts'
import { ackScript, putScript } from './settle-scripts.ts'

/** Where a message goes. `front`: served next, `end`: served last; in both cases marked as delivered before. */
export type Destination = 'front' | 'end' | 'dead-letters'

interface Settlement {
  readonly held: Held
  readonly destination: Destination | undefined
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  /** Sent before, and the answer was lost: it may be done. */
  doubtful: boolean
}

/** What a settler works with. */
export interface SettlerOptions {
  readonly link: RedisLink
  readonly keys: RedisKeys
  readonly deadLetterList: string | undefined
  /** Tells whether nobody can have taken a message for dead yet. */
  readonly isFresh: (held: Held) => boolean
  /** Told of each message that is settled or lost. */
  readonly onEnd: (held: Held) => void
}

/** At most so many messages are settled by one call. */
const BATCH = 200

/**
 * Ends what is held, several messages by one call. A settlement outlives the connection it was sent by: the scripts do
 * nothing the second time, so it is sent again until it is answered, or the connection is given up.
 */
export class Settler {
  readonly #options: SettlerOptions
  readonly #putBack = new PutBack()
  #waiting: Settlement[] = []
  #underWay = 0
  #scheduled = false

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#waiting.length + this.#underWay === 0
  }

  /**
   * @param destination - undefined: it is done
   * @throws DeliveryLostError when it was not ours any more, or no connection came
   */
  settle(held: Held, destination?: Destination): Promise<void> {
    held.state = 'settling'
    return new Promise((resolve, reject) => {
      this.#waiting.push({ held, destination, resolve, reject, doubtful: false })
      this.#schedule()
    })
  }

  /** Knows that a message left its list again. */
  taken(list: string, tag: string): void {
    this.#putBack.taken(list, tag)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const flush = () => {
      this.#scheduled = false
      void this.#flush()
    }
    // With calls under way there is time to collect more for the next one.
    if (this.#underWay > 0) setImmediate(flush)
    else queueMicrotask(flush)
  }

  async #flush(): Promise<void> {
    const { link } = this.#options
    let connection = link.connection
    if (connection === undefined) {
      try {
        connection = await link.connect()
      } catch (error) {
        return this.#fail(error)
      }
    }
    const waiting = this.#waiting
    this.#waiting = []
    const isDone = ({ destination, held }: Settlement) => destination === undefined && !held.malformed
    const done = waiting.filter(isDone)
    const put = waiting.filter((one) => !isDone(one))
    for (let at = 0; at < done.length; at += BATCH) void this.#run(connection, done.slice(at, at + BATCH), sendAcks)
    // The one that was taken last goes to the front first, and to an end last.
    put.sort((a, b) => placeOf(a) - placeOf(b))
    for (let at = 0; at < put.length; at += BATCH) void this.#run(connection, put.slice(at, at + BATCH), this.#sendPuts)
  }

  async #run(
    connection: RedisConnection,
    batch: readonly Settlement[],
    send: (connection: RedisConnection, batch: readonly Settlement[], options: SettlerOptions) => Promise<unknown>,
  ): Promise<void> {
    this.#underWay += batch.length
    try {
      const lost = await send(connection, batch, this.#options)
      const places = new Set(Array.isArray(lost) ? lost : [])
      for (const [place, settlement] of batch.entries()) this.#end(settlement, places.has(place))
    } catch (error) {
      this.#failed(connection, batch, error)
    } finally {
      this.#underWay -= batch.length
    }
  }

  #end(settlement: Settlement, isLost: boolean): void {
    const { held, doubtful, resolve, reject } = settlement
    // Gone, though nobody else can have it: then the call whose answer was lost was ours and did it.
    const isOurs = !isLost || (doubtful && this.#options.isFresh(held))
    held.state = isOurs ? 'settled' : 'lost'
    this.#options.onEnd(held)
    if (isOurs) resolve()
    else reject(new DeliveryLostError(held.queue, 'it was not shown to be alive in time, and another worker has it'))
  }

  #failed(connection: RedisConnection, batch: readonly Settlement[], error: unknown): void {
    const failure = error instanceof RedisFailure ? error : undefined
    if (failure === undefined || failure.kind === 'failed') {
      for (const { held, reject } of batch) {
        held.state = 'lost'
        this.#options.onEnd(held)
        reject(new DeliveryLostError(held.queue, failure?.message ?? 'it failed', { cause: error }))
      }
      return
    }
    if (failure.kind === 'unanswered') for (const settlement of batch) settlement.doubtful = true
    else connection.close() // a replica now, or loading its data: another connection may do better
    this.#waiting.unshift(...batch)
    // Not in this turn of the loop: the link hears of the end of its connection in the next one.
    setImmediate(() => this.#schedule())
  }

  #fail(cause: unknown): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { held, reject } of waiting) {
      held.state = 'lost'
      this.#options.onEnd(held)
      reject(new DeliveryLostError(held.queue, 'the connection was given up', { cause }))
    }
  }

  readonly #sendPuts = async (
    connection: RedisConnection,
    batch: readonly Settlement[],
    { keys, deadLetterList }: SettlerOptions,
  ): Promise<unknown> => {
    const marked = batch.filter(({ held, destination }) => held.readable && destination !== 'dead-letters')
    const values =
      marked.length === 0
        ? []
        : await connection.hmGet(
            keys.unacked,
            marked.map(({ held }) => held.tag),
          )
    const texts = new Map(marked.map(({ held }, i) => [held, markedText(values[i], held)]))
    const lists: string[] = []
    const words: string[] = []
    for (const { held, destination } of batch) {
      const list = destination === 'dead-letters' || destination === undefined ? deadLetterList : held.list
      const index = list === undefined ? [] : [indexOf(lists, list)]
      const before = destination === 'front' ? this.#putBack.put(held) : []
      words.push(...proofOf(held), destination === 'front' ? 'R' : 'L', String(index.length), ...index.map(String))
      words.push(texts.get(held) ?? '', String(held.tail), String(before.length), ...before)
    }
    return await connection.eval(putScript, [keys.unacked, keys.unackedIndex, keys.malformed, ...lists], words)
  }
}

function placeOf({ destination, held: { sequence } }: Settlement): number {
  return destination === 'front' ? -sequence : sequence
}

async function sendAcks(
  connection: RedisConnection,
  batch: readonly Settlement[],
  { keys }: SettlerOptions,
): Promise<unknown> {
  const words: string[] = []
  for (const { held } of batch) words.push(held.tag, held.score, held.tried)
  return await connection.eval(ackScript, [keys.unacked, keys.unackedIndex], words)
}

/** The envelope marked as delivered before; empty when it cannot be marked without harm, then it goes back as it is. */
function markedText(value: string | null | undefined, { tail }: Held): string {
  if (typeof value !== 'string' || value.includes('\ufffd')) return ''
  const bytes = Buffer.from(value)
  return markRedelivered(bytes.subarray(1, bytes.length - tail).toString())
}

function indexOf(lists: string[], list: string): number {
  const place = lists.indexOf(list)
  return (place >= 0 ? place : lists.push(list) - 1) + 1
}
