import type { TokenKey } from './token-key.ts'

/**
 * An engine cannot import a key. For a key of one's own that is a mistake at set-up; one out of a fetched set is passed over. It
 * tells the key's name and algorithm, and nothing of the key.
 */
export class UnusableKeyError extends TypeError {
  constructor({ alg, kid }: TokenKey, use: string, options?: ErrorOptions) {
    super(`The ${alg} key${kid === undefined ? '' : ` '${kid}'`} cannot be used${use}.`, options)
  }
}
