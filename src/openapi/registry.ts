/** Components of one kind by name. What is the same is there once; what only has the same name gets a number. */
export class Registry<T> {
  readonly #names = new Map<string, string>()
  readonly #items = new Map<string, T>()

  /** The name of what has this key, if it is there. */
  find(key: string): string | undefined {
    return this.#names.get(key)
  }

  /** A name that nobody has yet, kept for this key. */
  reserve(key: string, wanted: string): string {
    const base = wanted.replace(/[^\w.-]/g, '_')
    let name = base
    for (let i = 2; this.#has(name); i++) name = `${base}${i}`
    this.#names.set(key, name)
    return name
  }

  set(name: string, item: T): void {
    this.#items.set(name, item)
  }

  get(name: string): T | undefined {
    return this.#items.get(name)
  }

  /** The name of an item that is there, or is put there. */
  add(wanted: string, item: T): string {
    const key = `${wanted} ${JSON.stringify(item)}`
    const found = this.find(key)
    if (found !== undefined) return found
    const name = this.reserve(key, wanted)
    this.set(name, item)
    return name
  }

  /** All of them, sorted by name; undefined when there are none. */
  toObject(): Readonly<Record<string, T>> | undefined {
    if (this.#items.size === 0) return undefined
    return Object.fromEntries([...this.#items].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #has(name: string): boolean {
    return [...this.#names.values()].includes(name)
  }
}
