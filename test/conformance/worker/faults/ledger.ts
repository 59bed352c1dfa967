import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** One line of it. */
export interface Note {
  readonly what: 'begin' | 'end'
  readonly n: number
  readonly pid: number
}

/** A file in which tasks of all workers note that they begin and that they have ended. */
export class Ledger {
  readonly path: string
  /** Tasks that wait for it go on once it exists. */
  readonly gate: string
  readonly #folder: string
  readonly #file: number
  readonly #notes: Note[] = []
  readonly #ended = new Set<number>()
  readonly #buffer = Buffer.alloc(1 << 16)
  #rest = ''

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'twopi-ledger-'))
    this.path = join(this.#folder, 'ledger')
    this.gate = join(this.#folder, 'gate')
    this.#file = openSync(this.path, 'a+')
  }

  /** All that is noted until now. */
  get notes(): readonly Note[] {
    for (let count = 1; count > 0; ) {
      count = readSync(this.#file, this.#buffer, 0, this.#buffer.length, null)
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, count)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#add(line.split(' '))
    }
    return this.#notes
  }

  /** Numbers of the tasks that have ended at least once. */
  get ended(): ReadonlySet<number> {
    return this.notes.length === 0 ? new Set() : this.#ended
  }

  /** The processes in which a task came to its end, one for each time. */
  runsOf(n: number): readonly number[] {
    return this.notes.filter((note) => note.n === n && note.what === 'end').map(({ pid }) => pid)
  }

  count(what: Note['what'], pid?: number): number {
    return this.notes.filter((note) => note.what === what && (pid === undefined || note.pid === pid)).length
  }

  openGate(): void {
    writeFileSync(this.gate, '')
  }

  close(): void {
    closeSync(this.#file)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #add([what, n, pid]: readonly string[]): void {
    const note = { what: what === 'end' ? what : 'begin', n: Number(n), pid: Number(pid) } as const
    this.#notes.push(note)
    if (note.what === 'end') this.#ended.add(note.n)
  }
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, seconds: number = 60): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it did not come to this within ${seconds} seconds: ${what}`)
    await sleep(10)
  }
}
