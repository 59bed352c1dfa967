import { MAX_DEPTH } from './limits.ts'
import { MessageError } from './message-error.ts'
import { scanMsgpack } from './msgpack-scan.ts'
import { mendTree, type NumberForms, plainTree } from './plain-tree.ts'
import type { Serializer } from './serializer.ts'

/** The part of `@msgpack/msgpack` that is called. Structural, so that nobody needs the package for the types. */
export interface MsgpackLike {
  encode(value: unknown, options: { readonly useBigInt64: true; readonly maxDepth: number }): Uint8Array
  decode(bytes: Uint8Array, options: { readonly useBigInt64: true }): unknown
}

const forms: NumberForms = {
  format: 'msgpack',
  maxDepth: MAX_DEPTH,
  // With bigints switched on, the package writes what is beyond 32 bits as a float, and Python would read one.
  number: (value) =>
    Number.isSafeInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000) ? BigInt(value) : value,
  bigint: (value, trail) =>
    value >= -(2n ** 63n) && value < 2n ** 64n
      ? value
      : trail.fail('does not fit into the 64 bits of msgpack; use "json"'),
}

/**
 * The serializer `msgpack`, as kombu has it: texts are texts and bytes are bytes. A `Date` is msgpack's own timestamp, which
 * Python reads as `msgpack.Timestamp`.
 */
export function msgpackFrom({ encode, decode }: MsgpackLike): Serializer {
  return {
    name: 'msgpack',
    contentType: 'application/x-msgpack',
    contentEncoding: 'binary',
    encode: (value, root) => encode(plainTree(value, root, forms), { useBigInt64: true, maxDepth: MAX_DEPTH + 2 }),
    decode(bytes, options) {
      scanMsgpack(bytes)
      const value = read(() => decode(bytes, { useBigInt64: true }))
      return mendTree(value, (leaf) => {
        if (typeof leaf === 'bigint' && options.bigint === 'string') return String(leaf)
        if (typeof leaf === 'bigint' && options.bigint === 'number') return Number(leaf)
        // Own bytes: the decoder gives views of the whole body.
        return leaf instanceof Uint8Array ? Uint8Array.from(leaf) : leaf
      })
    },
  }
}

function read(decode: () => unknown): unknown {
  try {
    return decode()
  } catch {
    // Its own message may show what was read.
    throw new MessageError('ERR_CELERY_MESSAGE', 'body', 'not valid msgpack')
  }
}
