import { DriverMissingError } from './errors.ts'

/**
 * Loads an optional peer at the moment it is needed.
 *
 * @param driver - the package, for the message
 * @param load - `() => import('…')`, written out where it is called, so that bundlers see it
 * @throws DriverMissingError when it is not installed; any other failure of its code as it is
 */
export async function loadDriver<T>(driver: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (!missing || !String(message).includes(`'${driver}'`)) throw error
    throw new DriverMissingError(driver, { cause: error })
  }
}
