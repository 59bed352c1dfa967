import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/**
 * Thrown when a file that names the release, or is to name it, is there and cannot be used.
 * Codes: `ERR_RELEASE_UNREADABLE`, `ERR_RELEASE_UNWRITABLE`.
 */
export class ReleaseError extends TwopiError {
  override readonly code: 'ERR_RELEASE_UNREADABLE' | 'ERR_RELEASE_UNWRITABLE'
  /** The file's path. */
  readonly path: string

  constructor(code: ReleaseError['code'], path: string, reason: string, options?: ErrorOptions) {
    super(
      `the release's file ${path} cannot be ${code === 'ERR_RELEASE_UNREADABLE' ? 'read' : 'written'}: ${reason}`,
      options,
    )
    this.code = code
    this.path = path
  }

  static {
    brand(this, 'ReleaseError')
  }
}
