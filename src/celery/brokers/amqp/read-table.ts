import { isUtf8 } from 'node:buffer'
import { Decimal } from '../../protocol/decimal.ts'

/** Thrown for a table that cannot be read. Never leaves this folder: the message is then delivered as malformed. */
export class TableError extends Error {}

/** Tables within tables: a message may not end the process by their depth. */
const maxDepth = 64

/**
 * Reads an AMQP field table: every tag that RabbitMQ and its clients write, `L` of py-amqp too.
 *
 * Integers beyond 2^53 become a bigint, times a `Date`, `D` a {@link Decimal}, and a text that is no UTF-8 its bytes, since
 * Python writes `bytes` that way.
 *
 * @param bytes - where it stands
 * @param start - at its first entry, behind the length
 * @param end - behind its last entry
 * @throws TableError when it cannot be read
 * @see https://www.rabbitmq.com/amqp-0-9-1-errata
 */
export function readTable(bytes: Buffer, start: number, end: number): Record<string, unknown> {
  if (end > bytes.length) throw new TableError('the headers are cut off')
  return new TableReader(bytes, start).table(end, 0)
}

class TableReader {
  readonly #bytes: Buffer
  #offset: number

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.#offset = start
  }

  table(end: number, depth: number): Record<string, unknown> {
    if (depth > maxDepth) throw new TableError(`the headers are nested more than ${maxDepth} levels deep`)
    const table: Record<string, unknown> = {}
    while (this.#offset < end) {
      const length = this.#bytes[this.#offset] ?? 0
      const at = this.#skip(1 + length, end) + 1
      const key = this.#bytes.toString('utf8', at, at + length)
      const value = this.#value(end, depth)
      if (key !== '__proto__') table[key] = value
      else Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return table
  }

  #array(end: number, depth: number): unknown[] {
    if (depth > maxDepth) throw new TableError(`the headers are nested more than ${maxDepth} levels deep`)
    const items: unknown[] = []
    while (this.#offset < end) items.push(this.#value(end, depth))
    return items
  }

  #value(end: number, depth: number): unknown {
    const bytes = this.#bytes
    const tag = bytes[this.#skip(1, end)]
    switch (tag) {
      case 0x53: // S
        return this.#text(end)
      case 0x56: // V
        return null
      case 0x49: // I
        return bytes.readInt32BE(this.#skip(4, end))
      case 0x41: // A
        return this.#array(this.#nested(end), depth + 1)
      case 0x46: // F
        return this.table(this.#nested(end), depth + 1)
      case 0x74: // t
        return bytes[this.#skip(1, end)] !== 0
      case 0x64: // d
        return bytes.readDoubleBE(this.#skip(8, end))
      case 0x6c: // l
      case 0x4c: // L: py-amqp's own for a signed one
        return this.#int64(end)
      default:
        return this.#rare(tag ?? 0, end)
    }
  }

  #rare(tag: number, end: number): unknown {
    const bytes = this.#bytes
    switch (tag) {
      case 0x62: // b
        return bytes.readInt8(this.#skip(1, end))
      case 0x42: // B
        return bytes.readUInt8(this.#skip(1, end))
      case 0x73: // s
      case 0x55: // U
        return bytes.readInt16BE(this.#skip(2, end))
      case 0x75: // u
        return bytes.readUInt16BE(this.#skip(2, end))
      case 0x69: // i
        return bytes.readUInt32BE(this.#skip(4, end))
      case 0x66: // f
        return bytes.readFloatBE(this.#skip(4, end))
      case 0x44: // D
        return this.#decimal(end)
      case 0x54: // T
        return time(bytes.readBigUInt64BE(this.#skip(8, end)))
      case 0x78: // x
        return this.#binary(end)
      default:
        throw new TableError(`a header has the unknown type 0x${tag.toString(16).padStart(2, '0')}`)
    }
  }

  #int64(end: number): number | bigint {
    const value = this.#bytes.readBigInt64BE(this.#skip(8, end))
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  #decimal(end: number): Decimal {
    const at = this.#skip(5, end)
    const places = this.#bytes.readUInt8(at)
    const digits = this.#bytes.readInt32BE(at + 1)
    const text = String(Math.abs(digits)).padStart(places + 1, '0')
    const point = text.length - places
    const number = places === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`
    return new Decimal(digits < 0 ? `-${number}` : number)
  }

  #text(end: number): string | Uint8Array {
    const until = this.#nested(end)
    const start = this.#skip(until - this.#offset, end)
    const text = this.#bytes.toString('utf8', start, until)
    if (!text.includes('\ufffd') || isUtf8(this.#bytes.subarray(start, until))) return text
    return new Uint8Array(this.#bytes.subarray(start, until))
  }

  #binary(end: number): Uint8Array {
    const until = this.#nested(end)
    return new Uint8Array(this.#bytes.subarray(this.#skip(until - this.#offset, end), until))
  }

  /** Where the thing ends whose length comes next. */
  #nested(end: number): number {
    const length = this.#bytes.readUInt32BE(this.#skip(4, end))
    if (this.#offset + length > end) throw new TableError('the headers are cut off')
    return this.#offset + length
  }

  /** Goes on by so many bytes, and gives where they begin. */
  #skip(count: number, end: number): number {
    const at = this.#offset
    if (at + count > end) throw new TableError('the headers are cut off')
    this.#offset = at + count
    return at
  }
}

function time(seconds: bigint): Date | number | bigint {
  const date = new Date(Number(seconds) * 1000)
  if (!Number.isNaN(date.getTime())) return date
  return Number.isSafeInteger(Number(seconds)) ? Number(seconds) : seconds
}
