import { DbError } from './errors.ts'

/**
 * Loads an optional peer at the moment it is needed.
 *
 * @param name - the package, for the message
 * @param load - `() => import('…')`, written out where it is called, so that bundlers see it
 * @param installable - what to ask npm for where the newest version does not serve
 * @throws DbError `ERR_DB_DRIVER_MISSING` when it is not installed; any other failure of its code as it is
 */
export async function loadDriver<T>(name: string, load: () => Promise<T>, installable: string = name): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (!missing || !String(message).includes(`'${name}'`)) throw error
    throw new DbError(
      'ERR_DB_DRIVER_MISSING',
      `The package \`${name}\` is needed for this database and is not installed. Run \`npm install ${installable}\`.`,
      { cause: error },
    )
  }
}
