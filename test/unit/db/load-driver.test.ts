import { describe, expect, it } from 'vitest'
import { loadDriver } from '../../../src/db/load-driver.ts'
import { installableKysely } from '../../../src/db/load-kysely.ts'

const missing = (name: string) => async () => {
  throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' })
}

describe('a driver', () => {
  it('that is missing is named with the command that installs it', async () => {
    await expect(loadDriver('pg', missing('pg'))).rejects.toMatchObject({
      code: 'ERR_DB_DRIVER_MISSING',
      message: expect.stringContaining('`npm install pg`'),
    })
  })

  it('is installed in the version that serves', async () => {
    await expect(loadDriver('pg', missing('pg'), 'pg@8')).rejects.toThrow('`npm install pg@8`')
  })

  it('that misses a package of its own fails as it does', async () => {
    await expect(loadDriver('pg', missing('pg-pool'))).rejects.toThrow("Cannot find package 'pg-pool'")
  })

  it('is Kysely 0.28 before Node 22, which the newer ones need', () => {
    expect(installableKysely('20.20.2')).toBe('kysely@0.28')
    expect(installableKysely('22.1.0')).toBe('kysely')
  })
})
