import type { ReadJsonOptions } from './json-parser.ts'

/** The formats of bodies that are spoken here. `pickle` is not: reading it runs what the sender wants. */
export type SerializerName = 'json' | 'msgpack' | 'yaml' | 'raw'

/** One format. */
export interface Serializer {
  readonly name: SerializerName
  readonly contentType: string
  readonly contentEncoding: 'utf-8' | 'binary'
  /** @throws TypeError naming the place of what cannot be sent */
  encode(value: unknown, root: string): Uint8Array
  /** @throws MessageError when the bytes are not of this format */
  decode(bytes: Uint8Array, options: ReadJsonOptions): unknown
}
