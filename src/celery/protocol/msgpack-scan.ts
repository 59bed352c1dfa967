import { tooDeep, tooMany } from './json-parser.ts'
import { MAX_CONTAINERS, MAX_DEPTH } from './limits.ts'
import { MessageError } from './message-error.ts'

/**
 * Walks over msgpack without building anything: nothing may be nested too deep, and no array or map may claim more members
 * than there are bytes left. A decoder that believes such a claim sets aside gigabytes for a few bytes.
 *
 * @throws MessageError `ERR_CELERY_MESSAGE` or `ERR_CELERY_TOO_LARGE`
 */
export function scanMsgpack(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** How many values each open container still lacks. */
  const lacking: number[] = []
  /** The same, together: each of them is at least one byte. */
  let claimed = 1
  let at = 0
  let containers = 0
  while (claimed > 0) {
    if (claimed > bytes.length - at) throw broken()
    if (isContainer(bytes[at]) && ++containers > MAX_CONTAINERS) throw tooMany()
    const { size, members } = readHead(view, at)
    at += size
    claimed += members - 1
    if (members > 0) {
      if (lacking.push(members) > MAX_DEPTH) throw tooDeep()
    } else {
      close(lacking)
    }
  }
  if (at !== bytes.length) throw broken()
}

/** Whether a value of this type is an array or a map. */
function isContainer(type = 0): boolean {
  return (type >= 0x80 && type < 0xa0) || (type >= 0xdc && type <= 0xdf)
}

/** Counts a value that is complete, and the containers that are so by it. */
function close(lacking: number[]): void {
  for (let top = lacking.length - 1; top >= 0; top--) {
    const left = (lacking[top] ?? 0) - 1
    if (left > 0) {
      lacking[top] = left
      return
    }
    lacking.pop()
  }
}

/** What a value takes up besides its members, and how many it has. */
interface Head {
  readonly size: number
  readonly members: number
}

/** Bytes of the values from 0xc0 on: their type, and their content or the length of it. */
const FIXED: Readonly<Record<number, number>> = {
  192: 1,
  194: 1,
  195: 1,
  202: 5,
  203: 9,
  204: 2,
  205: 3,
  206: 5,
  207: 9,
  208: 2,
  209: 3,
  210: 5,
  211: 9,
  212: 3,
  213: 4,
  214: 6,
  215: 10,
  216: 18,
}

function readHead(view: DataView, at: number): Head {
  const type = view.getUint8(at)
  if (type < 0x80 || type >= 0xe0) return { size: 1, members: 0 }
  if (type < 0x90) return { size: 1, members: 2 * (type & 15) }
  if (type < 0xa0) return { size: 1, members: type & 15 }
  if (type < 0xc0) return { size: 1 + (type & 31), members: 0 }
  const fixed = FIXED[type]
  if (fixed !== undefined) return { size: fixed, members: 0 }
  try {
    return readLong(view, at, type)
  } catch (error) {
    // The length itself is cut off.
    if (error instanceof RangeError) throw broken()
    throw error
  }
}

function readLong(view: DataView, at: number, type: number): Head {
  switch (type) {
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return { size: 2 + view.getUint8(at + 1), members: 0 }
    case 0xc5:
    case 0xda:
      return { size: 3 + view.getUint16(at + 1), members: 0 }
    case 0xc6:
    case 0xdb:
      return { size: 5 + view.getUint32(at + 1), members: 0 }
    case 0xc7: // ext 8
      return { size: 3 + view.getUint8(at + 1), members: 0 }
    case 0xc8:
      return { size: 4 + view.getUint16(at + 1), members: 0 }
    case 0xc9:
      return { size: 6 + view.getUint32(at + 1), members: 0 }
    case 0xdc: // array 16
      return { size: 3, members: view.getUint16(at + 1) }
    case 0xdd:
      return { size: 5, members: view.getUint32(at + 1) }
    case 0xde: // map 16
      return { size: 3, members: 2 * view.getUint16(at + 1) }
    case 0xdf:
      return { size: 5, members: 2 * view.getUint32(at + 1) }
    default:
      throw broken()
  }
}

function broken(): MessageError {
  return new MessageError('ERR_CELERY_MESSAGE', 'body', 'not valid msgpack')
}
