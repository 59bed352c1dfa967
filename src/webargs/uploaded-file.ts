import { brand } from '../lib/brand.ts'
import type { UploadContent } from './upload-content.ts'

/** How much of a file {@link UploadedFile.stream} gives at once, in bytes. */
const PIECE = 65_536

/** What the client said of a file. */
export interface UploadedFileInit {
  readonly name: string
  readonly filename: string
  readonly type: string
}

/**
 * A file of a `multipart/form-data` body. Small files are in memory, larger ones in a temporary file. It exists until the
 * view and the steps after `useArgs` are done: what is to stay must be read, or saved with {@link saveTo}, before they return.
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { arg, useArgs } from 'twopi/webargs'
 *
 * export const upload = pipeline(
 *   useArgs({ report: arg.file({ maxSize: 5_000_000, types: ['application/pdf'] }) }, { location: 'files' }),
 *   async ({ args: { report } }) => {
 *     await report.saveTo(`/srv/reports/${crypto.randomUUID()}.pdf`)
 *     return { name: report.filename, size: report.size }
 *   },
 * )
 * ```
 */
export class UploadedFile {
  /** The name of the field. */
  readonly name: string
  /**
   * The name the client gave the file, made safe: no folders, no control characters, not `..`, at most 255 bytes. Empty when
   * it gave none, or nothing of it was left. Two files may have the same.
   */
  readonly filename: string
  /**
   * The media type, in lower case and without parameters, as the client declared it. The content was not looked at, so it may
   * be a lie.
   */
  readonly type: string
  /** In bytes. */
  readonly size: number
  readonly #content: UploadContent

  /** @param content - where the bytes are */
  constructor({ name, filename, type }: UploadedFileInit, content: UploadContent) {
    this.name = name
    this.filename = filename
    this.type = type
    this.size = content.size
    this.#content = content
  }

  /** Where the temporary file is; undefined when the file is in memory. */
  get path(): string | undefined {
    return this.#content.path
  }

  /**
   * The content piece by piece, as often as it is asked for.
   *
   * @throws TypeError, as an error of the stream, when the upload is gone
   */
  stream(): ReadableStream<Uint8Array> {
    let position = 0
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const piece = await this.#content.read(position, PIECE)
          position += piece.length
          if (piece.length > 0) controller.enqueue(piece)
          if (position >= this.size) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /**
   * The whole content.
   *
   * @throws TypeError when the upload is gone
   */
  bytes(): Promise<Uint8Array> {
    return this.#content.read(0, this.size)
  }

  /**
   * The whole content as text: UTF-8, without a byte order mark, bytes that are none replaced by U+FFFD.
   *
   * @throws TypeError when the upload is gone
   */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  /**
   * Keeps the file: copies it to a path, readable by this user alone (mode 0600). A file that is there already is never
   * overwritten. Needs `node:fs`.
   *
   * @throws TypeError when the upload is gone; what the file system says, such as `EEXIST` or `ENOENT`, as it is
   */
  saveTo(path: string): Promise<void> {
    return this.#content.saveTo(path)
  }

  static {
    brand(this, 'UploadedFile')
  }
}
