import { fileURLToPath } from 'node:url'
import { Program } from './program.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** A Python process that is a client of Celery. */
export interface PythonDriver {
  readonly program: Program
  /**
   * Runs the body of a function in it, among the names of python-driver.py, and gives what it returns, through JSON.
   *
   * @throws Error with the traceback
   */
  ask<T = unknown>(code: string): Promise<T>
  stop(): Promise<void>
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

export async function startPythonDriver(python: string, interop: string): Promise<PythonDriver> {
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  const onLine = (line: string) => {
    const answer = JSON.parse(line) as Answer
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  }
  const answered = (id: number) => new Promise<Answer>((resolve) => waiting.set(id, resolve))
  const ready = answered(0)
  const program = new Program('the client in Python', python, ['-W', 'ignore', 'python-driver.py'], {
    cwd: folder,
    env: { INTEROP: interop, PYTHONDONTWRITEBYTECODE: '1' },
    onLine,
  })
  const over = program.ended.then((): never => {
    throw new Error(`the client in Python has ended:\n${program.log}`)
  })
  over.catch(() => undefined)
  await Promise.race([ready, over])
  return {
    program,
    async ask<T>(code: string): Promise<T> {
      const id = ++last
      const answer = answered(id)
      program.write(`${JSON.stringify({ id, code: dedent(code) })}\n`)
      const { answer: value, error } = await Promise.race([answer, over])
      if (error !== undefined) throw new Error(`in Python:\n${code}\n${error}`)
      return value as T
    },
    async stop() {
      await program.stop()
    },
  }
}

/** Takes away the indentation that code has where it stands in a test. */
function dedent(code: string): string {
  const lines = code.split('\n').filter((line) => line.trim() !== '')
  const depth = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  const body = lines.map((line) => line.slice(depth))
  return body.length === 1 && !/^\s*(?:return|raise)\b/.test(body[0] ?? '') ? `return ${body[0]}` : body.join('\n')
}
