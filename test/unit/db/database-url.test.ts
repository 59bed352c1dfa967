import { describe, expect, it } from 'vitest'
import { readDatabaseUrl } from '../../../src/db/database-url.ts'

describe('the URL of a database', () => {
  it.each([
    ['sqlite://', null],
    ['sqlite:///:memory:', null],
    ['sqlite:///app.db', 'app.db'],
    ['sqlite:///data/my%20app.db', 'data/my app.db'],
    ['sqlite:////var/lib/app.db', '/var/lib/app.db'],
    ['sqlite+pysqlite:///app.db?check_same_thread=false', 'app.db'],
  ])('%s is the file %s', (url, file) => {
    expect(readDatabaseUrl(url)).toMatchObject({ engine: 'sqlite', file, busyMs: 5000 })
  })

  it('of SQLite takes its `timeout` in seconds', () => {
    expect(readDatabaseUrl('sqlite:///a.db?timeout=0.5')).toMatchObject({ busyMs: 500 })
  })

  it.each(['postgresql', 'postgres', 'postgresql+psycopg2', 'postgresql+asyncpg', 'POSTGRESQL'])(
    'with the scheme %s is PostgreSQL, as pg reads it',
    (scheme) => {
      expect(readDatabaseUrl(`${scheme}://app:p%40ss@db:5433/school?sslmode=disable&connect_timeout=3`)).toEqual({
        engine: 'postgres',
        connectionString: 'postgresql://app:p%40ss@db:5433/school?sslmode=disable',
        connectMs: 3000,
        place: expect.stringContaining('app:***@db:5433/school'),
      })
    },
  )

  it('of PostgreSQL keeps the folder of a socket and a password that was not encoded', () => {
    expect(readDatabaseUrl('postgresql:///school?host=/var/run/postgresql')).toMatchObject({
      connectionString: 'postgresql:///school?host=/var/run/postgresql',
    })
    expect(readDatabaseUrl('postgresql://app:p@ss@db/school')).toMatchObject({
      connectionString: 'postgresql://app:p%40ss@db/school',
    })
  })

  it.each(['mysql', 'mariadb', 'mysql+pymysql', 'mysql+mysqlconnector'])('with the scheme %s is MySQL', (scheme) => {
    expect(readDatabaseUrl(`${scheme}://app:p%40ss@db:3307/school?charset=utf8mb4`)).toMatchObject({
      engine: 'mysql',
      host: 'db',
      port: 3307,
      user: 'app',
      password: 'p@ss',
      database: 'school',
      charset: 'utf8mb4',
      ssl: undefined,
    })
  })

  it('of MySQL may name a socket, a time-out and the files of TLS', () => {
    const target = readDatabaseUrl('mysql://app@/school?unix_socket=/run/mysqld.sock&connect_timeout=2&ssl_ca=/ca.pem')
    expect(target).toMatchObject({ socketPath: '/run/mysqld.sock', connectMs: 2000, ssl: { ca: '/ca.pem' } })
    for (const on of ['true', 'True', '1']) {
      expect(readDatabaseUrl(`mysql://db/school?ssl=${on}`)).toMatchObject({ ssl: {} })
    }
    for (const off of ['false', 'False', '0']) {
      expect(readDatabaseUrl(`mysql://db/school?ssl=${off}`)).toMatchObject({ ssl: undefined })
    }
  })

  it.each([
    ['oracle://app:secret@db/x', 'scheme "oracle:" is not supported'],
    ['sqlite://app.db', 'three slashes'],
    ['sqlite:///a.db?timeout=soon', '`timeout` in the database URL must be a number of seconds'],
    ['sqlite:///a.db?mode=ro', '`mode`'],
    ['mysql://app:secret@db/x?autocommit=true', '`autocommit`'],
    ['mysql://app:secret@db/x?connect_timeout=-1', '`connect_timeout`'],
    ['mysql://app:secret@db/x?ssl=required', '`ssl`'],
    ['mysql://app:secret@db/x?ssl=yes', '`ssl`'],
    ['mysql://app:secret@db/x?ssl=%7B%7D', '`ssl`'],
    ['mysql://app:secret@db/x?ssl=0&ssl_ca=/ca.pem', '`ssl`'],
    ['postgresql://app:secret@db/x?ssl_mode=require', '`ssl_mode`'],
    ['postgresql://app:secret@db/x?sslmode=requierd', '`sslmode`'],
    ['postgresql://app:secret@db/x?ssl=require', '`ssl`'],
    ['postgresql://app:secret@one,two:5433/x', 'several hosts'],
    ['nothing', 'scheme'],
  ])('%s is refused, and no password is in the message', (url, message) => {
    let thrown: unknown
    try {
      readDatabaseUrl(url)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(String(thrown)).toContain(message)
    expect(String(thrown)).not.toContain('secret')
  })
})
