import { type FileHandleLike, nodeFs } from './node-fs.ts'
import { temporaryDirectory } from './node-os.ts'
import { DiskContent, type Lifetime, MemoryContent, PRIVATE, type UploadContent } from './upload-content.ts'

/** What becomes of uploads. */
export interface UploadStoreOptions {
  readonly directory: string | undefined
  readonly memory: number
}

/**
 * The files of one request: in memory as long as there is room, else in a folder of its own (mode 0700, as `mkdtemp` makes
 * them), which {@link remove} takes away with all that is in it. Nothing can be written afterwards.
 */
export class UploadStore implements Lifetime {
  readonly #directory: string | undefined
  readonly #handles: FileHandleLike[] = []
  #memory: number
  #folder: Promise<string> | undefined
  #over = false
  #busy: Promise<unknown> = Promise.resolve()

  constructor({ directory, memory }: UploadStoreOptions) {
    this.#directory = directory
    this.#memory = memory
  }

  get over(): boolean {
    return this.#over
  }

  /** Takes room in memory, or says that there is none. */
  reserve(bytes: number): boolean {
    if (bytes > this.#memory) return false
    this.#memory -= bytes
    return true
  }

  release(bytes: number): void {
    this.#memory += bytes
  }

  /** Opens a temporary file under a random name. */
  open(): Promise<{ readonly handle: FileHandleLike; readonly path: string }> {
    return this.run(async () => {
      this.#folder ??= nodeFs().promises.mkdtemp(`${this.#directory ?? temporaryDirectory()}/twopi-upload-`)
      const path = `${await this.#folder}/${crypto.randomUUID()}`
      const handle = await nodeFs().promises.open(path, 'wx+', PRIVATE)
      this.#handles.push(handle)
      return { handle, path }
    })
  }

  /** Does something with the folder that {@link remove} waits for. One at a time, as a body is read. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) return Promise.reject(new Error('The request is over.'))
    const done = work()
    this.#busy = done.catch(() => undefined)
    return done
  }

  /** Ends the lives of all files. What cannot be removed is told to the log, because the answer is right without it. */
  async remove(): Promise<void> {
    this.#over = true
    await this.#busy
    try {
      for (const handle of this.#handles.splice(0)) await handle.close()
      const folder = await this.#folder?.catch(() => undefined)
      if (folder !== undefined) {
        await nodeFs().promises.rm(folder, { recursive: true, force: true, maxRetries: 3 })
      }
    } catch (error) {
      console.error('The temporary files of an upload could not be removed:', error)
    }
  }
}

/** How much is stored at once, in bytes: however small the pieces are that come, there are few writes and few arrays. */
const BLOCK = 65_536

/** The first room for a file, in bytes; it doubles up to {@link BLOCK}. */
const FIRST_ROOM = 256

/** Takes in one file. Bytes are taken at once and stored in blocks by {@link flush}, so that a parser need not wait. */
export class UploadSink {
  readonly #store: UploadStore
  /** The block that is being filled, of which `#filled` bytes are. */
  #block: Uint8Array = new Uint8Array()
  #filled = 0
  #full: Uint8Array[] = []
  #kept: Uint8Array[] = []
  #file: { readonly handle: FileHandleLike; readonly path: string } | undefined
  #size = 0
  #inMemory = 0

  constructor(store: UploadStore) {
    this.#store = store
  }

  /** In bytes, those that wait included. */
  get size(): number {
    return this.#size
  }

  /** Copies, because a piece is a view of all that came from the connection at once. */
  add(bytes: Uint8Array): void {
    this.#size += bytes.length
    let offset = 0
    while (offset < bytes.length) {
      const part = bytes.subarray(offset, offset + BLOCK - this.#filled)
      this.#makeRoom(part.length)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      offset += part.length
      if (this.#filled === BLOCK) this.#endBlock()
    }
  }

  #makeRoom(bytes: number): void {
    const needed = this.#filled + bytes
    if (needed <= this.#block.length) return
    const larger = new Uint8Array(Math.min(BLOCK, Math.max(FIRST_ROOM, needed, this.#block.length * 2)))
    larger.set(this.#block.subarray(0, this.#filled))
    this.#block = larger
  }

  #endBlock(): void {
    this.#full.push(this.#block.subarray(0, this.#filled))
    this.#block = new Uint8Array()
    this.#filled = 0
  }

  /**
   * Stores the blocks that are full.
   *
   * @param complete - whether all has come, so that the last block is stored too
   */
  async flush(complete: boolean): Promise<void> {
    if (complete && this.#filled > 0) this.#endBlock()
    for (const block of this.#full.splice(0)) {
      if (this.#file === undefined && this.#store.reserve(block.length)) {
        this.#inMemory += block.length
        this.#kept.push(block)
      } else {
        await this.#write(block)
      }
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined) {
      const file = await this.#store.open()
      this.#file = file
      for (const kept of this.#kept.splice(0)) await this.#store.run(() => file.handle.writeFile(kept))
      this.#store.release(this.#inMemory)
      this.#inMemory = 0
    }
    const { handle } = this.#file
    await this.#store.run(() => handle.writeFile(bytes))
  }

  /** The content, when all of it was flushed. */
  content(): UploadContent {
    if (this.#file !== undefined) return new DiskContent(this.#file.handle, this.#file.path, this.#size, this.#store)
    const bytes = new Uint8Array(this.#size)
    let offset = 0
    for (const kept of this.#kept) {
      bytes.set(kept, offset)
      offset += kept.length
    }
    return new MemoryContent(bytes, this.#store)
  }
}
