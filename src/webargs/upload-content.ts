import { type FileHandleLike, nodeFs } from './node-fs.ts'

/** Mode of files: nobody else may read what somebody has uploaded. */
export const PRIVATE = 0o600

/** Where the bytes of an upload are. */
export interface UploadContent {
  readonly size: number
  /** That of the temporary file; undefined in memory. */
  readonly path: string | undefined
  /** At most `length` bytes from `position` on; fewer only at the end. */
  read(position: number, length: number): Promise<Uint8Array>
  /** Writes a new file. */
  saveTo(path: string): Promise<void>
}

/** Whether the request that brought an upload is over. */
export interface Lifetime {
  readonly over: boolean
}

function assertAlive({ over }: Lifetime): void {
  if (over) {
    throw new TypeError(
      'The upload is gone: files exist until the view is done. Await what reads them before it returns, or keep them with saveTo().',
    )
  }
}

/** Bytes in memory. They end with the request too, so that small files behave as large ones. */
export class MemoryContent implements UploadContent {
  readonly path = undefined
  readonly #bytes: Uint8Array
  readonly #lifetime: Lifetime

  constructor(bytes: Uint8Array, lifetime: Lifetime) {
    this.#bytes = bytes
    this.#lifetime = lifetime
  }

  get size(): number {
    return this.#bytes.length
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    assertAlive(this.#lifetime)
    return this.#bytes.slice(position, position + length)
  }

  async saveTo(path: string): Promise<void> {
    assertAlive(this.#lifetime)
    await nodeFs().promises.writeFile(path, this.#bytes, { flag: 'wx', mode: PRIVATE })
  }
}

/** A temporary file, kept open until the request is over. */
export class DiskContent implements UploadContent {
  readonly size: number
  readonly path: string
  readonly #handle: FileHandleLike
  readonly #lifetime: Lifetime

  constructor(handle: FileHandleLike, path: string, size: number, lifetime: Lifetime) {
    this.#handle = handle
    this.path = path
    this.size = size
    this.#lifetime = lifetime
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    assertAlive(this.#lifetime)
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - position)))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, position + filled)
      if (bytesRead === 0) throw new TypeError('The temporary file of an upload was cut off by somebody else.')
      filled += bytesRead
    }
    return bytes
  }

  async saveTo(path: string): Promise<void> {
    assertAlive(this.#lifetime)
    const { promises, constants } = nodeFs()
    await promises.copyFile(this.path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  }
}
