// What does a scope with one select cost, beside the bare driver and beside Kysely?
import assert from 'node:assert/strict'
import { createDbSession, withSession } from 'twopi/db'
import { view } from 'twopi/fetch'
import { added, ratio } from '../lib/compare.mjs'
import { fetchCaller } from '../lib/in-process.mjs'
import { addedMicroseconds, microseconds, times } from '../lib/report.mjs'
import { checkOuts } from './check-outs.mjs'
import { mariadb, POOL_SIZE, postgres, sqlite } from './engines.mjs'
import { names } from './names.mjs'

const { DRIVER, KYSELY, NO_TRANSACTION, SCOPE, READ_ONLY, BY_HAND, WITH_SESSION } = names
const { RECYCLE, NO_RECYCLE, NO_RECYCLE_AGAIN, TAKE, TAKE_UNCHECKED } = names
const AT_ONCE = POOL_SIZE
const rows = Array.from({ length: 256 }, (_, i) => ({ id: i + 1, name: `class ${i + 1}`, seats: 30 }))

export const packages = ['kysely', 'pg', 'mysql2', 'libsql']

/** The pool first, then one kind of database after the other; the next question is made when the one before is measured. */
export async function* questions() {
  yield await checkQuestion()
  for (const open of [postgres, mariadb, sqlite]) {
    const engine = await open()
    const sessions = []
    const newSession = (recycle) => {
      const config = { DATABASE_URL: engine.url, DATABASE_POOL_RECYCLE: recycle }
      const db = createDbSession(config, { poolSize: POOL_SIZE, idleTimeout: false })
      sessions.push(db)
      return db
    }
    try {
      await fill(engine.kysely)
      const server = engine.name !== 'SQLite'
      const db = newSession()
      yield* scopeQuestions(engine, db, server)
      yield await requestQuestion(engine, db, server)
      if (server) yield await recycleQuestion(engine, newSession)
    } finally {
      await Promise.all(sessions.map((db) => db.close()))
      await engine.drop()
    }
  }
}

async function fill(kysely) {
  await kysely.schema
    .createTable('classes')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'varchar(80)')
    .addColumn('seats', 'integer')
    .execute()
  await kysely.insertInto('classes').values(rows).execute()
}

async function* scopeQuestions({ name, driver, kysely }, db, server) {
  const scope = (options) => (id) => db.run(() => selectFrom(db.session(), id), options)
  const contenders = {
    [DRIVER]: driver,
    [KYSELY]: (id) => kysely.transaction().execute((transaction) => selectFrom(transaction, id)),
    [NO_TRANSACTION]: (id) => selectFrom(kysely, id),
    [SCOPE]: scope(),
    [READ_ONLY]: scope({ readOnly: true }),
  }
  await check(name, contenders)
  const question = (title, run, columns) => ({
    title: `${name}: ${title}`,
    base: KYSELY,
    columns,
    contenders: Object.entries(contenders).map(([name, ask]) => ({ name, run: run(ask) })),
    goals: server ? [atMostKysely('a scope', SCOPE, KYSELY)] : [],
  })
  yield question('one scope after the other', inTurn, [microseconds, timesKysely, addedMicroseconds])
  yield question(`${AT_ONCE} scopes at once`, atOnce, [{ ...microseconds, head: `µs for ${AT_ONCE}` }, timesKysely])
}

async function requestQuestion({ name, kysely }, db, server) {
  const requests = rows.map(({ id }) => ({ url: `/classes/${id}`, headers: {} }))
  const idOf = ({ request }) => Number(request.path.slice('/classes/'.length))
  const callers = {
    [BY_HAND]: fetchCaller(view((context) => kysely.transaction().execute((trx) => selectFrom(trx, idOf(context))))),
    [WITH_SESSION]: fetchCaller(view(withSession(db), (context) => selectFrom(db.session(), idOf(context)))),
  }
  const contenders = Object.fromEntries(
    Object.entries(callers).map(([name, call]) => [name, (id) => call(requests[id - 1])]),
  )
  await check(name, contenders, ({ status, body }) => {
    assert.equal(status, 200)
    return JSON.parse(body)
  })
  return {
    title: `${name}: one request after the other`,
    base: BY_HAND,
    columns: [microseconds, timesKysely, addedMicroseconds],
    contenders: Object.entries(contenders).map(([name, ask]) => ({ name, run: inTurn(ask) })),
    goals: server ? [atMostKysely('a request', WITH_SESSION, BY_HAND)] : [],
  }
}

async function recycleQuestion({ name }, newSession) {
  const scopeOf = (db) => (id) => db.run(() => selectFrom(db.session(), id))
  const contenders = {
    [NO_RECYCLE]: scopeOf(newSession(-1)),
    [NO_RECYCLE_AGAIN]: scopeOf(newSession(-1)),
    [RECYCLE]: scopeOf(newSession(3600)),
  }
  await check(name, contenders)
  return {
    title: `${name}: recycle`,
    base: NO_RECYCLE,
    columns: [microseconds, { ...times, head: '× off' }, addedMicroseconds],
    contenders: Object.entries(contenders).map(([name, ask]) => ({ name, run: inTurn(ask) })),
    goals: [],
  }
}

/** The check is far below what can be seen beside a server, so it is also measured where there is nothing else. */
async function checkQuestion() {
  return {
    title: 'Taking a connection from the pool and giving it back',
    base: TAKE_UNCHECKED,
    columns: [microseconds, { ...times, head: '× off' }, addedMicroseconds],
    contenders: await checkOuts({ [TAKE_UNCHECKED]: false, [TAKE]: 3600 }),
    goals: [
      {
        text: 'the recycle check adds less than 0.1 µs',
        measure: (all) => added(all, TAKE, TAKE_UNCHECKED),
        least: -Infinity,
        most: 0.1,
        unit: 'µs',
      },
    ],
  }
}

const timesKysely = { ...times, head: '× Kysely' }

const atMostKysely = (what, name, base) => ({
  text: `${what} takes at most 1.10 × Kysely`,
  measure: (all) => ratio(all, name, base),
  most: 1.1,
})

const selectFrom = (kysely, id) =>
  kysely.selectFrom('classes').select(['id', 'name', 'seats']).where('id', '=', id).execute()

/** Every contender must give the same rows; this opens all connections of its pool, too. */
async function check(engine, contenders, read = (answer) => JSON.parse(JSON.stringify(answer))) {
  for (const [name, ask] of Object.entries(contenders)) {
    const answers = await Promise.all(rows.map(({ id }) => ask(id)))
    assert.deepEqual(
      answers.map(read),
      rows.map((row) => [row]),
      `${engine}, ${name}`,
    )
  }
}

function inTurn(ask) {
  let i = 0
  return () => ask(rows[i++ % rows.length].id)
}

function atOnce(ask) {
  const next = inTurn(ask)
  return () => Promise.all(Array.from({ length: AT_ONCE }, next))
}
