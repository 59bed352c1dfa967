import { type ChildProcess, spawn } from 'node:child_process'

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** False: what it writes to its standard output is no part of its log; `onLine` gets it. */
  readonly onLine?: ((line: string) => void) | undefined
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process that runs beside a test: what it says is kept, and can be waited for. */
export class Program {
  readonly name: string
  /** How it is asked to end. */
  stopSignal: NodeJS.Signals = 'SIGTERM'
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  #log = ''
  #isOver = false
  readonly #child: ChildProcess
  readonly #listeners = new Set<() => void>()

  constructor(name: string, command: string, words: readonly string[], { cwd, env, onLine }: ProgramOptions) {
    this.name = name
    const child = spawn(command, words, {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    running.add(child)
    child.stdin.on('error', () => undefined)
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    if (onLine === undefined) child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    else eachLine(child.stdout.setEncoding('utf8'), onLine)
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => this.#hear(String(error)))
      child.on('close', (code, signal) => {
        running.delete(child)
        this.#isOver = true
        this.#hear('')
        resolve(code ?? signal ?? 'never started')
      })
    })
  }

  get log(): string {
    return this.#log
  }

  /** Of the process; 0 when it was never started. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isOver(): boolean {
    return this.#isOver
  }

  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Waits until it has said something. */
  async says(what: RegExp | string, timeoutMs: number = 30_000): Promise<void> {
    const has = () => (typeof what === 'string' ? this.#log.includes(what) : what.test(this.#log))
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (has()) resolve()
        else if (this.#isOver) reject(new Error(`${this.name} ended before it said ${what}:\n${this.#log}`))
      }
      timer = setTimeout(() => reject(new Error(`${this.name} did not say ${what}:\n${this.#log}`)), timeoutMs)
      this.#listeners.add(look)
      void this.ended.then(() => this.#listeners.delete(look))
      look()
    }).finally(() => clearTimeout(timer))
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Asks it to end; kills it when it does not. */
  async stop(patienceMs: number = 15_000): Promise<number | string> {
    if (this.#isOver) return this.ended
    this.#child.kill(this.stopSignal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs)
    try {
      return await this.ended
    } finally {
      clearTimeout(timer)
    }
  }

  #hear(text: string): void {
    this.#log += text
    for (const listener of this.#listeners) listener()
  }
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
