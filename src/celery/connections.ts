import type { ResultBackend } from './backends/result-backend.ts'
import type { Broker } from './brokers/broker.ts'

/** Makes what an app speaks by. Nothing connects before it is used. */
export interface Openers {
  /** @param role - the settings may name another broker for consuming than for sending */
  readonly broker: (role: 'read' | 'write') => Broker
  /**
   * Undefined: results are not kept.
   *
   * @param broker - what `rpc://` speaks by
   */
  readonly backend: ((broker: Broker) => ResultBackend) | undefined
}

/** The connections of an app: one for sending, one to the result store; made when they are asked for. */
export class Connections {
  readonly #open: Openers
  #broker: Broker | undefined
  #backend: ResultBackend | undefined

  constructor(open: Openers) {
    this.#open = open
  }

  /** The connection for sending. */
  get broker(): Broker {
    this.#broker ??= this.#open.broker('write')
    return this.#broker
  }

  get backend(): ResultBackend | undefined {
    this.#backend ??= this.#open.backend?.(this.broker)
    return this.#backend
  }

  /** Makes a connection of a worker's own. */
  openBroker(): Broker {
    return this.#open.broker('read')
  }

  /** Disconnects. Used again, an app connects again. Never rejects. */
  async close(): Promise<void> {
    const [backend, broker] = [this.#backend, this.#broker]
    this.#backend = undefined
    this.#broker = undefined
    // A store may speak through the broker.
    await backend?.close()
    await broker?.close()
  }
}
