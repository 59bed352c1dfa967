import { readTable, TableError } from './read-table.ts'

/** The basic properties of a message that came in, of which `amqplib` gives us the object back untouched. */
export interface ReceivedProperties {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly headers: Readonly<Record<string, unknown>> | undefined
  readonly deliveryMode: number | undefined
  readonly priority: number | undefined
  readonly correlationId: string | undefined
  readonly replyTo: string | undefined
  readonly expiration: string | undefined
  readonly messageId: string | undefined
  /** Why they cannot be read; what could be is there. */
  readonly malformed: string | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Reads the properties of a message out of its content header. Never throws: a message that cannot be read is told as
 * such, while the connection lives.
 *
 * @param bytes - the payload of the frame
 * @param start - where the flags stand
 */
export function readProperties(bytes: Buffer, start: number): ReceivedProperties {
  const properties: Mutable<ReceivedProperties> = {
    contentType: undefined,
    contentEncoding: undefined,
    headers: undefined,
    deliveryMode: undefined,
    priority: undefined,
    correlationId: undefined,
    replyTo: undefined,
    expiration: undefined,
    messageId: undefined,
    malformed: undefined,
  }
  try {
    fill(properties, bytes, start)
  } catch (error) {
    properties.malformed = error instanceof TableError ? error.message : 'the properties are cut off'
  }
  return properties
}

function fill(properties: Mutable<ReceivedProperties>, bytes: Buffer, start: number): void {
  let offset = start + 2
  const flags = bytes.readUInt16BE(start)
  const text = (): string => {
    const length = bytes.readUInt8(offset)
    const at = offset + 1
    offset = at + length
    if (offset > bytes.length) throw new RangeError()
    return bytes.toString('utf8', at, offset)
  }
  if (flags & 0x8000) properties.contentType = text()
  if (flags & 0x4000) properties.contentEncoding = text()
  let failed: unknown
  if (flags & 0x2000) {
    const at = offset + 4
    offset = at + bytes.readUInt32BE(offset)
    try {
      properties.headers = readTable(bytes, at, offset)
    } catch (error) {
      failed = error // what follows can be read all the same
    }
  }
  if (flags & 0x1000) properties.deliveryMode = bytes.readUInt8(offset++)
  if (flags & 0x0800) properties.priority = bytes.readUInt8(offset++)
  if (flags & 0x0400) properties.correlationId = text()
  if (flags & 0x0200) properties.replyTo = text()
  if (flags & 0x0100) properties.expiration = text()
  if (flags & 0x0080) properties.messageId = text()
  if (failed !== undefined) throw failed
}
