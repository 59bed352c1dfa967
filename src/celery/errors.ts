import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/** Thrown when a result is asked for by an app that keeps none. Codes: `ERR_CELERY_NO_RESULT_BACKEND`. */
export class NoResultBackendError extends TwopiError {
  override readonly code = 'ERR_CELERY_NO_RESULT_BACKEND'

  constructor() {
    super(
      'results are not kept: `result_backend` is not set. Set `CELERY_RESULT_BACKEND`, for instance to redis://localhost/1',
    )
  }

  static {
    brand(this, 'NoResultBackendError')
  }
}
