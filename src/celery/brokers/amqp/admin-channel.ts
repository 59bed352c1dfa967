import type { Channel } from 'amqplib'

/** What the channel needs of its connection. */
export interface ChannelSource {
  channel(): Promise<Channel>
  /** Waits for an answer as long as is right. */
  reply<T>(what: string, ask: () => Promise<T>): Promise<T>
}

/**
 * The channel on which a connection declares and asks, one thing after the other: RabbitMQ closes a channel for each
 * refusal, and nobody else's question may be lost by that.
 */
export class AdminChannel {
  readonly #source: ChannelSource
  #channel: Channel | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(source: ChannelSource) {
    this.#source = source
  }

  /**
   * Runs the operation when those before it are done.
   *
   * @param what - for messages: `declare the queue "q"`
   * @throws BrokerConnectionError when the connection ended; what the broker refused as `amqplib` has it
   */
  run<T>(what: string, operation: (channel: Channel) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const channel = await this.#open()
      try {
        return await this.#source.reply(what, () => operation(channel))
      } catch (error) {
        // The broker has closed it, or it is still busy with what is late.
        if (this.#channel === channel) this.#channel = undefined
        channel.close().catch(() => undefined)
        throw error
      }
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  async #open(): Promise<Channel> {
    if (this.#channel !== undefined) return this.#channel
    const channel = await this.#source.channel()
    channel.on('error', () => undefined)
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined
    })
    this.#channel = channel
    return channel
  }
}
