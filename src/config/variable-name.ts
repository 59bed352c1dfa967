import { declaredKeys } from './declared-keys.ts'

/** The name of a key in the environment: `redisUrl`, `redis_url` and `REDIS_URL` are `REDIS_URL`. */
export function variableName(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .toUpperCase()
}

/** Where a variable belongs, and whether it names a file that holds the value. */
export interface Target {
  readonly path: readonly string[]
  readonly isFile: boolean
}

const file = '_FILE'

/**
 * Finds where a variable belongs. Declared keys are met by their own name; below a node whose keys cannot be seen,
 * `DB__POOL_SIZE` is `db.poolSize`.
 *
 * @param node - the schema
 * @param name - the variable without its prefix
 * @returns undefined when the schema has no such key
 */
export function findTarget(node: unknown, name: string): Target | undefined {
  const keys = declaredKeys(node)
  if (keys === undefined) return guessTarget(name)
  const byName = Object.keys(keys).map((key) => [key, variableName(key)] as const)
  for (const [key, own] of byName) if (name === own) return { path: [key], isFile: false }
  for (const [key, own] of byName) if (name === own + file) return { path: [key], isFile: true }
  for (const [key, own] of byName) {
    const below = name.startsWith(`${own}__`) ? findTarget(keys[key], name.slice(own.length + 2)) : undefined
    if (below !== undefined) return { path: [key, ...below.path], isFile: below.isFile }
  }
  return undefined
}

function guessTarget(name: string): Target | undefined {
  const isFile = name.endsWith(file)
  const words = (isFile ? name.slice(0, -file.length) : name).split('__')
  if (words.some((word) => !/^[A-Z0-9][A-Z0-9_]*$/i.test(word))) return undefined
  return { path: words.map(camelCase), isFile }
}

function camelCase(word: string): string {
  return word.toLowerCase().replace(/_+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase())
}
