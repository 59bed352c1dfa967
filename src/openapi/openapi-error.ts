import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/** Thrown when the documentation page cannot be shown. Codes: `ERR_OPENAPI_VIEWER_MISSING`. */
export class OpenApiError extends TwopiError {
  override readonly code: 'ERR_OPENAPI_VIEWER_MISSING'

  constructor(code: 'ERR_OPENAPI_VIEWER_MISSING', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  static {
    brand(this, 'OpenApiError')
  }
}
