import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** Thrown when the package of a serializer is not installed. Codes: `ERR_CELERY_SERIALIZER_MISSING`. */
export class SerializerMissingError extends TwopiError {
  override readonly code = 'ERR_CELERY_SERIALIZER_MISSING'

  /**
   * @param name - the serializer: `msgpack`
   * @param packageName - what is to be installed: `@msgpack/msgpack`
   */
  constructor(name: string, packageName: string, options?: ErrorOptions) {
    super(
      `The package \`${packageName}\` is needed for the serializer "${name}" and is not installed. Run \`npm install ${packageName}\`.`,
      options,
    )
  }

  static {
    brand(this, 'SerializerMissingError')
  }
}
