import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { createDbSession, migrate } from 'twopi/db'

export interface Tables {
  classes: { id: string; name: string; seats: number }
  users: { username: string; password: string; scopes: string }
}

/** `DATABASE_URL=postgresql://…` or `mysql://…`; without it a file, `data/twopi.sqlite`. */
export const db = createDbSession<Tables>(process.env)

/** Makes the tables, and the demo user, where they are not there yet. */
export async function prepareDatabase(): Promise<void> {
  await migrate(db, {
    '001-classes': ({ schema }) =>
      schema
        .createTable('classes')
        .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
        .addColumn('name', 'varchar(100)', (column) => column.notNull())
        .addColumn('seats', 'integer', (column) => column.notNull())
        .execute(),
    '002-users': ({ schema }) =>
      schema
        .createTable('users')
        .addColumn('username', 'varchar(100)', (column) => column.primaryKey())
        .addColumn('password', 'varchar(200)', (column) => column.notNull())
        .addColumn('scopes', 'varchar(200)', (column) => column.notNull())
        .execute(),
    '003-demo-user': (session) =>
      session
        .insertInto('users')
        .values({ username: 'test', password: hashPassword('test'), scopes: 'classes:write' })
        .execute(),
  })
}

/** `salt:hash`, by scrypt. */
function hashPassword(password: string, salt = randomBytes(16).toString('hex')): string {
  return `${salt}:${scryptSync(password, salt, 32).toString('hex')}`
}

// Hashed for users who do not exist, so that the time of an answer does not tell who does.
const nobody = hashPassword(randomBytes(16).toString('hex'))

/** The user with this name and password, or null. Needs a session. */
export async function findUser(
  username: string,
  password: string,
): Promise<{ userId: string; scopes: string[] } | null> {
  const users = db.session().selectFrom('users').selectAll()
  const user = await users.where('username', '=', username).executeTakeFirst()
  const stored = user?.password ?? nobody
  const given = hashPassword(password, stored.split(':', 1)[0])
  const matches = timingSafeEqual(Buffer.from(given), Buffer.from(stored))
  return user !== undefined && matches ? { userId: user.username, scopes: user.scopes.split(' ') } : null
}
