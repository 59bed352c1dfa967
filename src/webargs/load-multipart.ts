import type { MultipartLibrary } from './multipart-library.ts'
import { MultipartMissingError } from './multipart-missing-error.ts'

const importBusboy = (): Promise<{ readonly Busboy: MultipartLibrary }> => import('@fastify/busboy')

/**
 * Loads the parser for `multipart/form-data`, when the first such body comes.
 *
 * @throws MultipartMissingError when it is not installed
 */
export async function loadMultipart(open: typeof importBusboy = importBusboy): Promise<MultipartLibrary> {
  try {
    return (await open()).Busboy
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    throw new MultipartMissingError({ cause: error })
  }
}
