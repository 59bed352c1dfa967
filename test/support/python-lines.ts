import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A Python program that answers lines of JSON with lines of JSON: `{"answer": …}` or `{"error": "…"}`. */
export class PythonLines {
  readonly #child: ChildProcess
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  #said = ''

  constructor(python: string, script: string) {
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stderr.on('data', (piece) => {
      this.#said += String(piece)
    })
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line))
    child.on('exit', () => {
      for (const one of this.#waiting.splice(0)) one.reject(new Error(`Python ended: ${this.#said}`))
    })
  }

  /** Asks, and gives the answer. Rejects with what went wrong in Python. */
  async ask(request: object): Promise<unknown> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    })
    const reply: { readonly answer?: unknown; readonly error?: string } = JSON.parse(line)
    if (reply.error !== undefined) throw new Error(reply.error)
    return reply.answer
  }

  close(): void {
    this.#child.stdin?.end()
    this.#child.kill()
  }
}
