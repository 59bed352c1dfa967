/** Contenders that the questions compare. */
export const names = {
  DRIVER: 'bare driver, `BEGIN` and `COMMIT`',
  KYSELY: 'Kysely, `transaction()`',
  NO_TRANSACTION: 'Kysely, no transaction',
  SCOPE: 'twopi, `db.run`',
  READ_ONLY: 'twopi, `db.run`, `readOnly`',
  BY_HAND: '`view`, Kysely’s `transaction()` inside',
  WITH_SESSION: '`view(withSession(db), …)`',
  RECYCLE: 'twopi, recycle on',
  NO_RECYCLE: 'twopi, recycle off',
  NO_RECYCLE_AGAIN: 'twopi, recycle off, once more',
  TAKE: 'recycle on',
  TAKE_UNCHECKED: 'recycle off',
}
