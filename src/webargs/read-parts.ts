import { loadMultipart } from './load-multipart.ts'
import type { MultipartParser } from './multipart-library.ts'

/** How long the headers of one part may be, in bytes; the parser cuts off what is longer. */
const HEADER_SIZE = 16_384

const BOUNDARY = /;\s*boundary\s*=\s*("[^"]+"|[^\s;"]+)/i

/** Thrown for what is no `multipart/form-data`. */
export class MalformedMultipart extends Error {}

/** Receives the parts of a body. None of its methods may throw, but {@link afterPiece}. */
export interface PartsReceiver {
  /** At most how many parts there may be. */
  readonly maxParts: number
  /** At most how large everything that is no content of files may be, in bytes. */
  readonly maxOther: number
  field(name: string, value: string): void
  /** A file begins; what it gives takes the content. */
  file(name: string, filename: string, type: string): FileReceiver
  tooManyParts(): void
  tooMuchOther(): void
  /** Called after each piece of the body and once at the end. Throws when no more is to be read. */
  afterPiece(): Promise<void>
}

/** Takes the content of one file. */
export interface FileReceiver {
  data(bytes: Uint8Array): void
  end(): void
}

/**
 * Reads a body of `multipart/form-data` (RFC 7578) as it comes; no more than one piece of it is in memory.
 *
 * @returns whether there was any body
 * @throws MalformedMultipart, what the body throws, and what `afterPiece` throws, which ends the reading
 */
export async function readParts(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  receiver: PartsReceiver,
): Promise<boolean> {
  const parser = await openParser(contentType, receiver)
  const progress = new Progress(parser)
  const fileBytes = connect(parser, receiver)
  let total = 0
  for await (const piece of body) {
    total += piece.length
    await progress.written(piece)
    if (total - fileBytes() > receiver.maxOther) receiver.tooMuchOther()
    await receiver.afterPiece()
  }
  if (total === 0) return false
  await progress.ended()
  await receiver.afterPiece()
  return true
}

async function openParser(contentType: string, { maxParts, maxOther }: PartsReceiver): Promise<MultipartParser> {
  // The parser would take an empty one.
  if (!BOUNDARY.test(contentType)) throw new MalformedMultipart('The content type names no boundary.')
  const Multipart = await loadMultipart()
  try {
    return new Multipart({
      headers: { 'content-type': contentType },
      // Names are made safe by our own rules.
      preservePath: true,
      limits: { parts: maxParts, fieldSize: maxOther, headerSize: HEADER_SIZE },
    })
  } catch (error) {
    throw new MalformedMultipart('The content type cannot be read.', { cause: error })
  }
}

/** @returns a function that tells how much of the body was content of files */
function connect(parser: MultipartParser, receiver: PartsReceiver): () => number {
  let before = 0
  let current = { bytesRead: 0 }
  parser.on('field', (name, value) => {
    if (name !== undefined) receiver.field(name, value)
  })
  parser.on('file', (name, stream, filename = '', _encoding, type = '') => {
    before += current.bytesRead
    current = stream
    const file = name === undefined ? undefined : receiver.file(name, filename, type)
    // Without a listener the parser would wait, or an error end the process.
    stream.on('data', (bytes) => file?.data(bytes))
    stream.on('end', () => file?.end())
    stream.on('error', () => undefined)
  })
  parser.on('partsLimit', () => receiver.tooManyParts())
  return () => before + current.bytesRead
}

/** Waits for a parser, one step at a time. Nothing is kept of earlier steps, however small the pieces are. */
class Progress {
  readonly #parser: MultipartParser
  #failure: MalformedMultipart | undefined
  #over = false
  #goOn: () => void = () => undefined

  constructor(parser: MultipartParser) {
    this.#parser = parser
    const over = () => {
      this.#over = true
      this.#goOn()
    }
    parser.on('finish', over)
    parser.on('close', over)
    parser.on('error', (error) => {
      this.#failure ??= new MalformedMultipart('The body is no multipart/form-data.', { cause: error })
      over()
    })
  }

  written(piece: Uint8Array): Promise<void> {
    return this.#step((done) => this.#parser.write(piece, done))
  }

  ended(): Promise<void> {
    return this.#step(() => this.#parser.end())
  }

  async #step(begin: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#goOn = resolve
      begin(resolve)
      if (this.#over) resolve()
    })
    if (this.#failure !== undefined) throw this.#failure
  }
}
