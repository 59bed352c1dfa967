// The three kinds of databases: a database of our own on each, and the bare driver and Kysely on it, each with its own pool.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import LibSql from 'libsql'
import mysql from 'mysql2'
import pg from 'pg'
import { buildUrl } from 'twopi/config'

/** Connections of every pool. */
export const POOL_SIZE = 8

const name = `twopi_bench_${process.pid}`
const select = 'select id, name, seats from classes where id ='

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} url - of the database, as twopi takes it
 * @property {(id: number) => Promise<object[]>} driver - one transaction with one select
 * @property {Kysely} kysely
 * @property {() => Promise<void>} drop - closes the pools and removes the database
 */

/** @returns {Promise<Engine>} */
export async function postgres() {
  const server = process.env.TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = buildUrl(server, { path: name })
  const newPool = () => new pg.Pool({ connectionString: url, max: POOL_SIZE, idleTimeoutMillis: 0 })
  const pool = newPool()
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: newPool() }) })
  return {
    name: 'PostgreSQL',
    url,
    kysely,
    async driver(id) {
      const client = await pool.connect()
      await client.query('BEGIN')
      const { rows } = await client.query(`${select} $1`, [id])
      await client.query('COMMIT')
      client.release()
      return rows
    },
    async drop() {
      await Promise.all([pool.end(), kysely.destroy()])
      await admin.query(`drop database ${name}`)
      await admin.end()
    },
  }
}

/** @returns {Promise<Engine>} */
export async function mariadb() {
  const server = process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/mysql'
  const admin = mysql.createConnection({ uri: server })
  const asAdmin = promisify(admin.query.bind(admin))
  await asAdmin(`create database ${name}`)
  const url = buildUrl(server, { path: name })
  const newPool = () => mysql.createPool({ uri: url, connectionLimit: POOL_SIZE })
  const pool = newPool()
  const take = promisify(pool.getConnection.bind(pool))
  // Not `mysql2/promise`, which costs more than a query builder does; Kysely and twopi avoid it, too.
  const ask = (connection, sql, values) =>
    new Promise((resolve, reject) => {
      connection.query(sql, values, (error, rows) => (error ? reject(error) : resolve(rows)))
    })
  const kysely = new Kysely({ dialect: new MysqlDialect({ pool: newPool() }) })
  return {
    name: 'MariaDB',
    url,
    kysely,
    async driver(id) {
      const connection = await take()
      await ask(connection, 'BEGIN')
      const rows = await ask(connection, `${select} ?`, [id])
      await ask(connection, 'COMMIT')
      connection.release()
      return rows
    },
    async drop() {
      await Promise.all([promisify(pool.end.bind(pool))(), kysely.destroy()])
      await asAdmin(`drop database ${name}`)
      admin.end()
    },
  }
}

/** @returns {Promise<Engine>} */
export async function sqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'twopi-bench-'))
  const file = join(folder, 'bench.sqlite')
  const database = new LibSql(file)
  database.prepare('PRAGMA journal_mode = WAL').all()
  const kysely = new Kysely({ dialect: new SqliteDialect({ database: new LibSql(file) }) })
  return {
    name: 'SQLite',
    url: `sqlite:///${file}`,
    kysely,
    async driver(id) {
      database.exec('BEGIN')
      const rows = database.prepare(`${select} ?`).all([id])
      database.exec('COMMIT')
      return rows
    },
    async drop() {
      await kysely.destroy()
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
