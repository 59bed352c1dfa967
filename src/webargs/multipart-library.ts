// What we know of `@fastify/busboy`: the members that are called, without the Node types of its own declarations. The check
// of what must run without Node (`tsconfig.neutral.json`) reads this file in the package's place.

/** One file on its way. */
export interface MultipartFile {
  /** How much of it the parser has seen, in bytes. */
  readonly bytesRead: number
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  on(event: 'end' | 'error', listener: () => void): unknown
}

/** A parser of one body. */
export interface MultipartParser {
  on(event: 'file', listener: FileListener): unknown
  on(event: 'field', listener: (name: string | undefined, value: string) => void): unknown
  on(event: 'partsLimit' | 'finish' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  write(bytes: Uint8Array, written: () => void): boolean
  end(): unknown
}

/** What is told when the headers of a file have come. */
export type FileListener = (
  name: string | undefined,
  file: MultipartFile,
  filename: string | undefined,
  encoding: string,
  type: string | undefined,
) => void

/** What a parser is given. */
export interface MultipartConfig {
  readonly headers: { readonly 'content-type': string }
  readonly preservePath: boolean
  readonly limits: { readonly parts: number; readonly fieldSize: number; readonly headerSize: number }
}

/** Throws when the content type names no boundary. */
export interface MultipartLibrary {
  new (config: MultipartConfig): MultipartParser
}

/** @public Stands for the export of the package in that check. */
export declare const Busboy: MultipartLibrary
