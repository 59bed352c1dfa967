import { readProperties } from './read-properties.ts'

/** What is used here of the `Connection` inside `amqplib` 2. */
interface FrameSource {
  /** Bytes that came and are not read yet. */
  rest: Buffer
  readonly stream: { read(): Buffer | null }
  recvSinceLastCheck: boolean
  readonly maxFrameSize: number
  recvFrame(): unknown
}

const typeContentHeader = 2
const basicClass = 60
const frameEnd = 0xce
/** Type, channel and size before the payload, one byte behind it. */
const before = 7
const around = before + 1
/** Class, weight and size of the body before the flags of a content header. */
const contentHeaderBytes = 12

/**
 * Has the headers of messages on this connection read by our own reader. That of `amqplib` throws on the tag `L`, which
 * py-amqp writes for integers beyond 32 bits, and the connection dies of it: again and again, as the message comes back.
 *
 * Only this connection is changed, none of the module: content headers are taken off its bytes before its own reader sees
 * them, all other frames are left to it.
 *
 * @param connection - the `connection` of the model that `amqplib` gives
 * @param onBytes - called whenever bytes have come
 * @throws TypeError when it is not built as that of `amqplib` 2
 */
export function tolerateHeaders(connection: unknown, onBytes: () => void): void {
  if (!isFrameSource(connection)) {
    throw new TypeError('this version of `amqplib` is built in an unknown way: install version 2.3 of it')
  }
  const readFrame = connection.recvFrame.bind(connection)
  connection.recvFrame = (): unknown => {
    for (;;) {
      const { rest } = connection
      if (rest.length >= around) {
        const size = rest.readUInt32BE(3)
        // A frame that is too large is for its reader to refuse.
        if (connection.maxFrameSize > 0 && size > connection.maxFrameSize) return readFrame()
        if (rest.length >= size + around) return takeContentHeader(connection, size) ?? readFrame()
      }
      const incoming = connection.stream.read()
      if (incoming === null) return false
      connection.recvSinceLastCheck = true
      onBytes()
      connection.rest = rest.length === 0 ? incoming : Buffer.concat([rest, incoming])
    }
  }
}

/** The frame at the beginning, when it is the header of a message, in the form in which `amqplib` wants it. */
function takeContentHeader(connection: FrameSource, size: number): unknown {
  const { rest } = connection
  if (rest[0] !== typeContentHeader || size < contentHeaderBytes || rest[before + size] !== frameEnd) return undefined
  if (rest.readUInt16BE(before) !== basicClass) return undefined
  const payload = rest.subarray(before, before + size)
  connection.rest = rest.subarray(size + around)
  return {
    id: basicClass,
    channel: rest.readUInt16BE(1),
    size: Number(payload.readBigUInt64BE(4)),
    fields: readProperties(payload, contentHeaderBytes),
  }
}

function isFrameSource(value: unknown): value is FrameSource {
  if (typeof value !== 'object' || value === null) return false
  const { rest, stream, recvSinceLastCheck, maxFrameSize, recvFrame } = value as Record<keyof FrameSource, unknown>
  return (
    Buffer.isBuffer(rest) &&
    typeof stream === 'object' &&
    typeof recvSinceLastCheck === 'boolean' &&
    typeof maxFrameSize === 'number' &&
    typeof recvFrame === 'function'
  )
}
