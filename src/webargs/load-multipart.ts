import type { MultipartLibrary } from './multipart-library.ts'

/**
 * Loads the parser for `multipart/form-data`, when the first such body comes.
 *
 * @throws TypeError when it is not installed
 */
export async function loadMultipart(): Promise<MultipartLibrary> {
  try {
    const { Busboy } = await import('@fastify/busboy')
    return Busboy
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    throw new TypeError(
      'The package `@fastify/busboy` is needed for `multipart/form-data` and is not installed. Run `npm install @fastify/busboy`.',
      { cause: error },
    )
  }
}
