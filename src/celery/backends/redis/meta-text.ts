import { decodeMeta } from '../../protocol/decode-meta.ts'
import { encodeMeta } from '../../protocol/encode-meta.ts'
import { MessageError } from '../../protocol/message-error.ts'
import { readJson } from '../../protocol/read-json.ts'
import type { SerializerName } from '../../protocol/serializer.ts'
import { serializerOf } from '../../protocol/serializers.ts'
import type { TaskState } from '../../protocol/states.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import { writeJson } from '../../protocol/write-json.ts'
import { BackendDataError } from '../errors.ts'

/** What Redis takes as one value, which is also Celery's limit. */
export const MOST_BYTES: number = 512 * 1024 * 1024

/** Between results and the texts that Redis keeps. */
export class MetaText {
  readonly #serializer: SerializerName
  readonly #encoding: BufferEncoding

  /** @param serializer - `result_serializer`, which must be loaded */
  constructor(serializer: SerializerName) {
    this.#serializer = serializer
    this.#encoding = isBinary(serializer) ? 'latin1' : 'utf8'
  }

  encode(meta: TaskMeta): string {
    return this.#textOf(encodeMeta(meta, this.#serializer))
  }

  /** @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when it is no result */
  decode(text: string, taskId: string): TaskMeta {
    const serializer = this.#serializer
    return reading(taskId, () => decodeMeta(this.#dataOf(text), { serializer, taskId, maxBytes: MOST_BYTES }))
  }

  /** The status of a stored text; undefined when it is no result. */
  statusOf(text: string, taskId: string): TaskState | undefined {
    try {
      return this.decode(text, taskId).status
    } catch {
      return undefined
    }
  }

  encodeValue(value: unknown): string {
    const serializer = this.#serializer
    return serializer === 'json' ? writeJson(value) : this.#textOf(serializerOf(serializer).encode(value, 'value'))
  }

  /** @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when it cannot be read */
  decodeValue(text: string, id: string): unknown {
    const serializer = this.#serializer
    return reading(id, () =>
      serializer === 'json' ? readJson(text) : serializerOf(serializer).decode(Buffer.from(text, this.#encoding), {}),
    )
  }

  #textOf(data: string | Uint8Array): string {
    return typeof data === 'string'
      ? data
      : Buffer.from(data.buffer, data.byteOffset, data.length).toString(this.#encoding)
  }

  #dataOf(text: string): string | Uint8Array {
    return this.#serializer === 'json' ? text : Buffer.from(text, this.#encoding)
  }
}

/** Whether a serializer gives bytes that are no text: the connection must then carry a byte as a character each. */
export function isBinary(serializer: SerializerName): boolean {
  return serializer === 'msgpack'
}

function reading<T>(id: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof MessageError ? new BackendDataError(id, error.message, { cause: error }) : error
  }
}
