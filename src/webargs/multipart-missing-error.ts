import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/** Thrown when a multipart body comes and the package that reads it is not installed. Code `ERR_ARGS_MULTIPART_MISSING`. */
export class MultipartMissingError extends TwopiError {
  override readonly code = 'ERR_ARGS_MULTIPART_MISSING'

  constructor(options?: ErrorOptions) {
    super(
      'The package `@fastify/busboy` is needed for `multipart/form-data` and is not installed. Run `npm install @fastify/busboy`.',
      options,
    )
  }

  static {
    brand(this, 'MultipartMissingError')
  }
}
