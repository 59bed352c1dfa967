import type { OnMessage } from './redis-commands.ts'

/** What is used of the client of `redis`. */
export interface Client {
  connect(): Promise<unknown>
  destroy(): void
  readonly isOpen: boolean
  readonly isReady: boolean
  sendCommand(words: readonly (string | Buffer)[], options?: { readonly typeMapping: TypeMapping }): Promise<unknown>
  subscribe(names: string[], listener: OnMessage): Promise<void>
  pSubscribe(names: string[], listener: OnMessage): Promise<void>
  unsubscribe(names: string[]): Promise<void>
  pUnsubscribe(names: string[]): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end' | 'invalidate', listener: () => void): unknown
}

/** What the client makes of a kind of answer, by the character it begins with. */
type TypeMapping = Readonly<Record<number, typeof Buffer>>

/** How the client gives messages as they came. */
interface BufferClient {
  subscribe(names: string[], listener: (bytes: Buffer, channel: Buffer) => void, asBuffers: true): Promise<void>
  pSubscribe(names: string[], listener: (bytes: Buffer, channel: Buffer) => void, asBuffers: true): Promise<void>
}

/** `$`, by which texts begin. */
const asBuffers = { typeMapping: { 36: Buffer } }

/** A client for stored bytes that need not be UTF-8: each byte is a character of the texts that go in and out. */
export function binaryClient(client: Client & BufferClient): Client {
  const listening = (listener: OnMessage) => (bytes: Buffer, channel: Buffer) =>
    listener(bytes.toString('latin1'), channel.toString('latin1'))
  return {
    connect: () => client.connect(),
    destroy: () => client.destroy(),
    get isOpen() {
      return client.isOpen
    },
    get isReady() {
      return client.isReady
    },
    async sendCommand(words) {
      return toText(await client.sendCommand(words.map(toBytes), asBuffers))
    },
    subscribe: (names, listener) => client.subscribe(names.map(toUtf8), listening(listener), true),
    pSubscribe: (names, listener) => client.pSubscribe(names.map(toUtf8), listening(listener), true),
    unsubscribe: (names) => client.unsubscribe(names.map(toUtf8)),
    pUnsubscribe: (names) => client.pUnsubscribe(names.map(toUtf8)),
    on: (event: 'error' | 'end' | 'invalidate', listener: (error: Error) => void) =>
      client.on(event as 'error', listener),
  }
}

/** Names of channels go out as texts. */
function toUtf8(name: string): string {
  return toBytes(name).toString()
}

function toBytes(word: string | Buffer): Buffer {
  return typeof word === 'string' ? Buffer.from(word, 'latin1') : word
}

function toText(answer: unknown): unknown {
  if (Buffer.isBuffer(answer)) return answer.toString('latin1')
  return Array.isArray(answer) ? answer.map(toText) : answer
}
