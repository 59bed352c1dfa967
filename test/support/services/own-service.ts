import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that a test has for itself, and may treat badly. */
export interface OwnService {
  readonly url: string
  readonly port: number
  /** The process that serves, at the moment; undefined while it is down. */
  readonly pid: number | undefined
  /** Ends it in an orderly way. Its data stay; `start` brings it back at the same port. */
  stop(): Promise<void>
  /** SIGKILL. Its data stay as a crash leaves them. */
  kill(): Promise<void>
  /** Starts it again after `stop` or `kill`; resolves when it serves. */
  start(): Promise<void>
  /** `stop` and `start`. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  /** Ends it for good and removes its files. May be called twice. */
  close(): Promise<void>
}

/** What makes a kind of service. */
export interface ServicePlan {
  readonly name: string
  readonly url: string
  readonly port: number
  /** Removed at the end. */
  readonly folder: string
  /** Starts the program; the child must be the server itself and not a script around it. */
  readonly spawn: () => ChildProcess
  /** Tells whether it serves. */
  readonly serves: () => Promise<boolean>
  /** What to do besides, at the end. */
  readonly after?: () => void
}

const running = new Set<() => void>()

process.once('exit', () => {
  for (const end of running) end()
})

/** Starts a service and gives its handle. */
export async function ownService(plan: ServicePlan): Promise<OwnService> {
  let child: ChildProcess | undefined
  const signal = async (name: NodeJS.Signals) => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const exit = once(ending, 'exit')
    ending.kill('SIGCONT') // a frozen one would not hear of its end
    ending.kill(name)
    await exit
  }
  const abandon = () => {
    child?.kill('SIGKILL')
    plan.after?.()
    rmSync(plan.folder, { recursive: true, force: true })
  }
  const service: OwnService = {
    url: plan.url,
    port: plan.port,
    get pid() {
      return child?.pid
    },
    async start() {
      if (child !== undefined) throw new Error(`${plan.name} is up already`)
      child = await begin(plan)
    },
    stop: () => signal('SIGTERM'),
    kill: () => signal('SIGKILL'),
    async restart() {
      await service.stop()
      await service.start()
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await service.kill()
      abandon()
      running.delete(abandon)
    },
  }
  running.add(abandon)
  try {
    await service.start()
  } catch (error) {
    await service.close()
    throw error
  }
  return service
}

async function begin({ name, port, spawn, serves }: ServicePlan): Promise<ChildProcess> {
  const child = spawn()
  let said = ''
  let failed: Error | undefined
  const listen = (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2000)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  child.on('error', (error) => {
    failed = error
  })
  for (let left = 1200; !(await serves()); left--) {
    const ended = failed !== undefined || child.exitCode !== null || child.signalCode !== null
    if (ended || left === 0) {
      child.kill('SIGKILL')
      throw new Error(`${name} at port ${port} did not start. It said:\n${said}`, { cause: failed })
    }
    await sleep(25)
  }
  return child
}
