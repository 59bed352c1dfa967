import { loadDriver } from './load-driver.ts'

/** Loads the query layer, an optional peer. */
export function loadKysely(): Promise<typeof import('kysely')> {
  return loadDriver('kysely', () => import('kysely'), installableKysely(process.versions.node))
}

/** What to ask npm for: from 0.29 on Kysely needs Node 22. */
export function installableKysely(node: string): string {
  return Number.parseInt(node, 10) < 22 ? 'kysely@0.28' : 'kysely'
}
