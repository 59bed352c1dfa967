import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import type { AmqpServer } from '../../../../../src/celery/brokers/broker-address.ts'

const require = createRequire(import.meta.url)
const folder = join(dirname(require.resolve('amqplib')), 'lib')
// What `amqplib` makes frames with: for replies that no RabbitMQ would give at a wish.
const defs: Record<string, number> & {
  encodeMethod(id: number, channel: number, fields: object): Buffer
  info(id: number): { readonly name: string }
} = require(join(folder, 'defs.js'))
const frames: {
  parseFrame(bytes: Buffer, max: number): { type: number; channel: number; payload: Buffer; rest: Buffer } | false
  decodeFrame(frame: object): { id?: number; channel: number; fields?: Fields; size?: number; content?: Buffer }
  makeBodyFrame(channel: number, body: Buffer): Buffer
} = require(join(folder, 'frame.js'))

export type Fields = Readonly<Record<string, unknown>>

/** A message that was published to it. */
export interface Published {
  readonly client: FakeClient
  readonly channel: number
  /** Of the confirmation: 1, 2, … */
  readonly tag: number
  readonly exchange: string
  readonly routingKey: string
  readonly mandatory: boolean
  readonly properties: Fields
  readonly size: number
}

/** One connection to it. */
export interface FakeClient {
  readonly number: number
  send(method: string, channel: number, fields: Fields): void
  /** Raw bytes, in pieces of so many. */
  raw(bytes: Buffer, pieceSize?: number): void
  cut(): void
}

export interface FakeScript {
  /** Answers a method, or is silent. False: the usual answer is given. */
  readonly onMethod?: (method: string, client: FakeClient, channel: number, fields: Fields) => boolean
  /** Default: confirms. */
  readonly onPublish?: (message: Published) => void
}

/** A server that speaks AMQP and does what it is told. */
export interface FakeRabbitmq {
  readonly server: AmqpServer
  readonly clients: readonly FakeClient[]
  close(): Promise<void>
}

const answers: Readonly<Record<string, readonly [method: string, fields: Fields]>> = {
  ConnectionStartOk: ['ConnectionTune', { channelMax: 2047, frameMax: 131_072, heartbeat: 0 }],
  ConnectionOpen: ['ConnectionOpenOk', { knownHosts: '' }],
  ConnectionClose: ['ConnectionCloseOk', {}],
  ChannelOpen: ['ChannelOpenOk', { channelId: Buffer.alloc(0) }],
  ChannelClose: ['ChannelCloseOk', {}],
  ConfirmSelect: ['ConfirmSelectOk', {}],
  ExchangeDeclare: ['ExchangeDeclareOk', {}],
  QueueDeclare: ['QueueDeclareOk', { queue: 'q', messageCount: 0, consumerCount: 0 }],
  QueueBind: ['QueueBindOk', {}],
  BasicQos: ['BasicQosOk', {}],
  BasicConsume: ['BasicConsumeOk', { consumerTag: 'tag' }],
  BasicCancel: ['BasicCancelOk', { consumerTag: 'tag' }],
}

export async function startFakeRabbitmq(script: FakeScript = {}, version = '3.10.8'): Promise<FakeRabbitmq> {
  const clients: FakeClient[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    const client = makeClient(socket, clients.length)
    clients.push(client)
    serve(socket, client, version, script)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    server: {
      host: '127.0.0.1',
      port,
      virtualHost: '/',
      username: 'guest',
      password: 'guest',
      tls: undefined,
      heartbeat: undefined,
      connectTimeout: undefined,
      loginMethod: undefined,
      text: 'amqp://guest:***@127.0.0.1//',
    },
    clients,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function makeClient(socket: Socket, number: number): FakeClient {
  const raw = (bytes: Buffer, pieceSize = bytes.length) => {
    for (let at = 0; at < bytes.length; at += pieceSize) socket.write(bytes.subarray(at, at + pieceSize))
  }
  return {
    number,
    raw,
    send: (method, channel, fields) => raw(defs.encodeMethod(defs[method] ?? 0, channel, fields)),
    cut: () => void socket.destroy(),
  }
}

function serve(
  socket: Socket,
  client: FakeClient,
  version: string,
  { onMethod, onPublish = confirm }: FakeScript,
): void {
  let bytes: Buffer = Buffer.alloc(0)
  let greeted = false
  let coming: { channel: number; fields: Fields; properties?: Fields; size: number; missing: number } | undefined
  const tags = new Map<number, number>()

  const arrived = (channel: number) => {
    if (coming === undefined || coming.missing > 0) return
    const { fields, properties = {}, size } = coming
    coming = undefined
    const tag = (tags.get(channel) ?? 0) + 1
    tags.set(channel, tag)
    const { exchange, routingKey, mandatory } = fields
    onPublish({
      client,
      channel,
      tag,
      exchange: String(exchange),
      routingKey: String(routingKey),
      mandatory: mandatory === true,
      properties,
      size,
    })
  }
  const take = ({ id, channel, fields = {}, size = 0, content }: ReturnType<typeof frames.decodeFrame>) => {
    if (coming !== undefined && coming.channel === channel && content !== undefined) {
      coming.missing -= content.length
      return arrived(channel)
    }
    if (coming !== undefined && id === 60) {
      Object.assign(coming, { properties: fields, size, missing: size })
      return arrived(channel)
    }
    if (id === undefined) return
    const method = defs.info(id).name
    if (method === 'ChannelOpen') tags.delete(channel)
    if (method === 'BasicPublish') coming = { channel, fields, size: 0, missing: 1 }
    else if (onMethod === undefined || onMethod(method, client, channel, fields) === false) {
      const [reply, replyFields] = answers[method] ?? []
      if (reply !== undefined && replyFields !== undefined) client.send(reply, channel, replyFields)
    }
  }
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more])
    if (!greeted && bytes.length >= 8) {
      greeted = true
      bytes = bytes.subarray(8)
      const serverProperties = { product: 'RabbitMQ', version }
      client.send('ConnectionStart', 0, {
        serverProperties,
        mechanisms: Buffer.from('PLAIN'),
        locales: Buffer.from('en_US'),
      })
    }
    for (;;) {
      const frame = frames.parseFrame(bytes, 0)
      if (frame === false) return
      bytes = frame.rest
      take(frames.decodeFrame(frame))
    }
  })
}

export function confirm({ client, channel, tag }: Published): void {
  client.send('BasicAck', channel, { deliveryTag: tag, multiple: false })
}

/** Gives a message back as one that no queue took. */
export function giveBack({ client, channel, exchange, routingKey, properties }: Published): void {
  client.send('BasicReturn', channel, { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey })
  const id = Buffer.from(String(properties['messageId']))
  client.raw(contentHeader(channel, 1, Buffer.concat([Buffer.from([0x00, 0x80, id.length]), id])))
  client.raw(frames.makeBodyFrame(channel, Buffer.from('x')))
}

/** All frames of a message that is delivered with headers of raw bytes. */
export function delivery(channel: number, tag: number, table: Buffer, body: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(table.length)
  const correlationId = Buffer.from('id')
  const properties = Buffer.concat([
    Buffer.from([0x24, 0x00]), // headers and correlation id
    size,
    table,
    Buffer.from([correlationId.length]),
    correlationId,
  ])
  const fields = { consumerTag: 'tag', deliveryTag: tag, redelivered: false, exchange: '', routingKey: 'q' }
  return Buffer.concat([
    defs.encodeMethod(defs['BasicDeliver'] ?? 0, channel, fields),
    contentHeader(channel, body.length, properties),
    frames.makeBodyFrame(channel, Buffer.from(body)),
  ])
}

function contentHeader(channel: number, bodySize: number, properties: Buffer): Buffer {
  const frame = Buffer.alloc(7 + 12 + properties.length + 1)
  frame.writeUInt8(2, 0)
  frame.writeUInt16BE(channel, 1)
  frame.writeUInt32BE(12 + properties.length, 3)
  frame.writeUInt16BE(60, 7)
  frame.writeBigUInt64BE(BigInt(bodySize), 11)
  properties.copy(frame, 19)
  frame.writeUInt8(0xce, frame.length - 1)
  return frame
}
