import { bodyText } from './body-text.ts'
import type { Serializer } from './serializer.ts'

/** Bytes and texts as they are. */
export const rawSerializer: Serializer = {
  name: 'raw',
  contentType: 'application/data',
  contentEncoding: 'binary',
  encode(value, root) {
    if (typeof value === 'string') return Buffer.from(value)
    if (value instanceof Uint8Array) return value
    throw new TypeError(`${root} must be a text or a Uint8Array, since the serializer is "raw"`)
  },
  decode: (bytes) => bytes,
}

/** As {@link rawSerializer}, for what says that it is text. */
export const textSerializer: Serializer = {
  ...rawSerializer,
  contentType: 'text/plain',
  contentEncoding: 'utf-8',
  decode: (bytes) => bodyText(bytes),
}
