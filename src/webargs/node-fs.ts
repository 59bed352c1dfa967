/** An open file. */
export interface FileHandleLike {
  writeFile(bytes: Uint8Array): Promise<void>
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  close(): Promise<void>
}

/** The part of `node:fs` that is called. Structural, so that this folder has no Node types. */
export interface NodeFs {
  readonly promises: {
    mkdtemp(prefix: string): Promise<string>
    open(path: string, flags: 'wx+', mode: number): Promise<FileHandleLike>
    writeFile(path: string, bytes: Uint8Array, options: { flag: 'wx'; mode: number }): Promise<void>
    copyFile(from: string, to: string, mode: number): Promise<void>
    rm(path: string, options: { recursive: true; force: true; maxRetries: number }): Promise<void>
  }
  readonly constants: { readonly COPYFILE_EXCL: number; readonly COPYFILE_FICLONE: number }
}

let found: NodeFs | undefined

/**
 * `node:fs`, looked up on first use, so that importing this module works in every runtime and needs no bundler's help.
 *
 * @throws TypeError where the runtime has none
 */
export function nodeFs(): NodeFs {
  if (found !== undefined) return found
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  found = process?.getBuiltinModule?.('node:fs') as NodeFs | undefined
  if (found === undefined) {
    throw new TypeError(
      'This runtime has no `node:fs`, which uploads need that do not fit the memory. Raise `uploads.memory`, or lower the `maxSize` of the files.',
    )
  }
  return found
}
