import { MAX_DEPTH } from './limits.ts'

/** The way from a value's root to where a writer is: finds cycles, bounds the depth, and names the place of a fault. */
export class Trail {
  readonly #root: string
  readonly #maxDepth: number
  readonly #keys: (string | number)[] = []
  readonly #objects: object[] = []
  #depth = 0

  /** @param root - what the value is called in messages: `args` */
  constructor(root: string, maxDepth: number = MAX_DEPTH) {
    this.#root = root
    this.#maxDepth = maxDepth
  }

  /** Goes into an object. {@link at} says which of its members is being written. */
  enter(object: object): void {
    if (this.#depth === this.#maxDepth) this.#failDeep(object)
    this.#objects[this.#depth] = object
    this.#keys[this.#depth] = ''
    this.#depth++
  }

  at(key: string | number): void {
    this.#keys[this.#depth - 1] = key
  }

  /** The member being written, for `toJSON`. */
  get key(): string {
    return this.#depth === 0 ? '' : String(this.#keys[this.#depth - 1])
  }

  leave(): void {
    this.#depth--
  }

  /**
   * @param what - the rest of the sentence: `is a function, which cannot be sent`
   * @throws TypeError that begins with the place, such as `args[0].user.callback`
   */
  fail(what: string): never {
    throw new TypeError(`${this.#place(this.#depth)} ${what}`)
  }

  #place(depth: number): string {
    const keys = this.#keys.slice(0, depth).map((key) => {
      if (typeof key === 'number') return `[${key}]`
      return /^(?:[\p{ID_Start}$_][\p{ID_Continue}$]{0,79}|toJSON\(\))$/u.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key.slice(0, 80))}]`
    })
    return keys.length <= 12
      ? this.#root + keys.join('')
      : `${this.#root}${keys.slice(0, 6).join('')}…${keys.slice(-3).join('')}`
  }

  #failDeep(object: object): never {
    const objects = [...this.#objects, object]
    const start = objects.findIndex((one, i) => objects.indexOf(one, i + 1) >= 0)
    if (start >= 0) {
      throw new TypeError(`${this.#place(start)} contains itself; only values without cycles can be sent`)
    }
    throw new TypeError(`${this.#root} is nested deeper than ${this.#maxDepth} levels, which Python does not read`)
  }
}
