/** Gives each operation a name that is the same as long as its method and path are: `getClassesById`. */
export class OperationIds {
  readonly #taken = new Set<string>()

  /** Keeps a name that somebody chose. Gives whether it was free. */
  take(name: string): boolean {
    if (this.#taken.has(name)) return false
    this.#taken.add(name)
    return true
  }

  /** The name by method and path: below the prefix, and with it when another API has that. */
  make(method: string, path: string, prefix: string): string {
    const verb = method.toLowerCase()
    const short = verb + toWords(path.slice(prefix.length))
    const long = verb + toWords(path)
    const free = [short, long].find((name) => this.take(name))
    if (free !== undefined) return free
    let count = 2
    while (!this.take(`${long}${count}`)) count++
    return `${long}${count}`
  }
}

/** `/classes/:id` is `ClassesById`. */
function toWords(path: string): string {
  const words = path.split('/').flatMap((segment) => {
    const parts = segment.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
    const name = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
    return name === '' ? [] : [segment.startsWith(':') ? `By${name}` : name]
  })
  return words.length === 0 ? 'Root' : words.join('')
}
