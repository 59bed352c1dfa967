import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'

/** Calls under way at a time. */
const AT_A_TIME = 16
/** So many calls at most are accepted and have not ended. */
const AHEAD = 200

/** Calls tasks without a pause, numbered in the order of the calls, and knows what became of each call. */
export class Load {
  /** The broker said that it has them. */
  readonly accepted: Set<number> = new Set<number>()
  /** `ERR_CELERY_PUBLISH_UNKNOWN`: perhaps stored. */
  readonly unknown: Set<number> = new Set<number>()
  /** Rejected with another code: not stored. */
  readonly refused: Map<number, string> = new Map<number, string>()
  readonly #call: (n: number) => Promise<unknown>
  readonly #ledger: Ledger
  readonly #ahead: number
  #last = 0
  #isOver = false
  readonly #callers: readonly Promise<void>[]

  constructor(ledger: Ledger, call: (n: number) => Promise<unknown>, ahead: number = AHEAD) {
    this.#ledger = ledger
    this.#call = call
    this.#ahead = ahead
    this.#callers = Array.from({ length: AT_A_TIME }, () => this.#goOn())
  }

  /** Calls no more. Resolves when it is known what became of each call. */
  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#callers)
  }

  async #goOn(): Promise<void> {
    while (!this.#isOver) {
      if (this.#last - this.#ledger.ended.size >= this.#ahead) await sleep(5)
      else await this.#callOne(++this.#last)
    }
  }

  async #callOne(n: number): Promise<void> {
    try {
      await this.#call(n)
      this.accepted.add(n)
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? error)
      if (code === 'ERR_CELERY_PUBLISH_UNKNOWN') this.unknown.add(n)
      else this.refused.set(n, code)
    }
  }
}
