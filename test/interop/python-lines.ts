import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program in Python that answers line by line, in JSON. */
export class PythonLines {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #said = ''

  constructor(python: string, words: readonly string[]) {
    this.#child = spawn(python, words)
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-4000)
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /**
   * Calls a function of the program. Calls are answered in order.
   *
   * @throws Error with what Python raised
   */
  async ask<T = unknown>(...request: readonly unknown[]): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await this.#lines.next()
    if (line.done) throw new Error(`Python ended. It said:\n${this.#said}`)
    const answer: unknown = JSON.parse(line.value)
    if (answer instanceof Object && 'error' in answer) throw new Error(`${String(answer.error)}\n${this.#said}`)
    return answer as T
  }

  close(): void {
    this.#child.kill()
  }
}
