import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
// The table writer of `amqplib` itself, which its package does not export.
const codec: { encodeTable(buffer: Buffer, table: object, offset: number): number } = require(
  join(dirname(require.resolve('amqplib')), 'lib', 'codec.js'),
)

/** A table as `amqplib` writes it, with its length before it. */
export function encodeTable(table: object): Buffer {
  const buffer = Buffer.alloc(65_536)
  return buffer.subarray(0, codec.encodeTable(buffer, table, 0))
}
