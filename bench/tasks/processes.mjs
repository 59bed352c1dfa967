// Programs beside this one: workers that run until they are stopped, and Python that does what it is told to.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** The Python that has Celery. */
export const python = process.env.PYTHON_CELERY ?? '/usr/bin/python3'

/** A worker in a process of its own. It runs until `close()`. */
export function startProgram(program, args, env = {}) {
  const child = spawn(program, args, {
    cwd: here('.'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return {
    close: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A worker written in JavaScript: a file of `workers/`. */
export const startNodeWorker = (name, env) => startProgram(process.execPath, [here(`workers/${name}.mjs`)], env)

/** Celery's own worker, with its default pool. */
export const startPythonWorker = (args, env) =>
  startProgram(python, ['-m', 'celery', '-A', 'python_app', 'worker', '-l', 'WARNING', ...args], env)

/** A Python process that calls tasks: `run(operation, count)` gives the seconds it took there. */
export function startPythonCaller(env) {
  const child = spawn(python, [here('python_app.py')], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    run: async (operation, count) => {
      child.stdin.write(`${JSON.stringify({ operation, count })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the Python process has ended')
      return JSON.parse(value).seconds
    },
    close: async () => child.kill('SIGKILL'),
  }
}
