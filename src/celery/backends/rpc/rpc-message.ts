import { compress, decompress } from '../../protocol/compression.ts'
import { readMeta } from '../../protocol/decode-meta.ts'
import { storedMeta } from '../../protocol/encode-meta.ts'
import { MAX_BYTES } from '../../protocol/limits.ts'
import type { Message } from '../../protocol/message.ts'
import type { SerializerName } from '../../protocol/serializer.ts'
import { decodeBody, encodeBody } from '../../protocol/serializers.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { Arrival } from './rpc-inbox.ts'

/** How results are written as messages. */
export interface RpcMessageOptions {
  readonly serializer: SerializerName
  readonly compression: string | undefined
  readonly persistent: boolean
}

/** A result as the message that takes it to who sent the task. */
export function rpcMessage(meta: TaskMeta, { serializer, compression, persistent }: RpcMessageOptions): Message {
  const { body, contentType, contentEncoding } = encodeBody(storedMeta(meta), serializer, 'result')
  const compressed = compression === undefined ? undefined : compress(body, compression)
  return {
    body: compressed?.bytes ?? body,
    contentType,
    contentEncoding,
    headers: compressed === undefined ? {} : { compression: compressed.contentType },
    properties: { correlationId: meta.taskId, deliveryMode: persistent ? 2 : 1 },
  }
}

/**
 * Reads such a message.
 *
 * @param accept - names of the serializers that may be read
 * @returns the state, a new copy for everyone who reads it
 * @throws MessageError when it is no result, or of a kind that is not accepted
 */
export function readRpcMessage(message: Message, accept: readonly string[] | undefined): Arrival {
  const decode = () => {
    const { body, headers, contentType, properties } = message
    const { compression } = headers
    const bytes = typeof compression === 'string' ? decompress(body, compression, MAX_BYTES) : body
    return readMeta(decodeBody(bytes, contentType, { accept }), properties.correlationId)
  }
  const meta = decode()
  let first: TaskMeta | undefined = meta
  const read = () => {
    const copy = first ?? decode()
    first = undefined
    return copy
  }
  return { status: meta.status, bytes: message.body.length, read }
}
