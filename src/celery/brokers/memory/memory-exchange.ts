import type { ExchangeDeclaration } from '../broker.ts'
import type { MemoryQueue } from './memory-queue.ts'
import { topicMatches } from './topic-matches.ts'

interface TopicBinding {
  readonly words: readonly string[]
  readonly queue: MemoryQueue
}

const nobody: ReadonlySet<MemoryQueue> = new Set()

/** An exchange and what is bound to it. One of type headers gives to all, since a binding here names no headers. */
export class MemoryExchange {
  readonly declaration: ExchangeDeclaration
  readonly #byKey = new Map<string, Set<MemoryQueue>>()
  readonly #all = new Set<MemoryQueue>()
  #topics: TopicBinding[] = []

  constructor(declaration: ExchangeDeclaration) {
    this.declaration = declaration
  }

  get isBound(): boolean {
    return this.#all.size > 0
  }

  bind(queue: MemoryQueue, key: string): void {
    this.#all.add(queue)
    const bound = this.#byKey.get(key)
    if (bound?.has(queue)) return
    if (bound === undefined) this.#byKey.set(key, new Set([queue]))
    else bound.add(queue)
    if (this.declaration.type === 'topic') this.#topics.push({ words: wordsOf(key), queue })
  }

  unbind(queue: MemoryQueue): void {
    if (!this.#all.delete(queue)) return
    for (const [key, bound] of this.#byKey) {
      bound.delete(queue)
      if (bound.size === 0) this.#byKey.delete(key)
    }
    this.#topics = this.#topics.filter((binding) => binding.queue !== queue)
  }

  /** The queues that take a message, each once. */
  route(key: string): ReadonlySet<MemoryQueue> {
    switch (this.declaration.type) {
      case 'direct':
        return this.#byKey.get(key) ?? nobody
      case 'topic':
        return this.#routeTopic(key)
      default:
        return this.#all
    }
  }

  #routeTopic(key: string): ReadonlySet<MemoryQueue> {
    const words = wordsOf(key)
    const found = new Set<MemoryQueue>()
    for (const binding of this.#topics) {
      if (topicMatches(binding.words, words)) found.add(binding.queue)
    }
    return found
  }
}

function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}
