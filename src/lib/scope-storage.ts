// The one AsyncLocalStorage of the library. It is made on first use, because on Node 20 and 22 the first `run` makes every
// later `await` of the process dearer, and because this folder must load where there is no Node.

/** The part of `AsyncLocalStorage` that is called. Structural, so that this folder has no Node types. */
interface StorageLike {
  run<T>(store: Frame, fn: () => T): T
  getStore(): Frame | undefined
}

/** One value on the way from here to the outermost scope. Never changed, so that branches cannot disturb each other. */
interface Frame {
  readonly key: object
  readonly value: object
  readonly outer: Frame | undefined
}

let storage: StorageLike | undefined

/**
 * Runs a function so that it, and everything it starts, sees a value.
 *
 * @param key - who asks; values of other keys stay visible
 * @param value - what {@link scopeValue} gives for the key; one with a true `over` is dropped when nobody can see it
 * @throws TypeError where the runtime has no `node:async_hooks`
 */
export function runInScope<T>(key: object, value: object, fn: () => T): T {
  storage ??= openStorage()
  return storage.run({ key, value, outer: withoutOver(key, storage.getStore()) }, fn)
}

/**
 * The frames around a new one, without those that are over (their value says so by `over`) and that a nearer one of the same
 * key hides: what a scope's timer opens would otherwise hold everything before it, for as long as timer follows timer.
 */
function withoutOver(key: object, outer: Frame | undefined): Frame | undefined {
  const keys = new Set([key])
  const kept: Frame[] = []
  let count = 0
  for (let frame = outer; frame !== undefined; frame = frame.outer) {
    count++
    if (keys.has(frame.key) && (frame.value as { readonly over?: boolean }).over === true) continue
    kept.push(frame)
    keys.add(frame.key)
  }
  if (kept.length === count) return outer
  // Copies, because others still look from where the old ones are.
  return kept.reduceRight<Frame | undefined>((outer, { key, value }) => ({ key, value, outer }), undefined)
}

/** The innermost value of a key; undefined outside of every {@link runInScope} for it. */
export function scopeValue(key: object): object | undefined {
  return findScopeValue(key, () => true)
}

/** The innermost value of a key that is accepted. */
export function findScopeValue(key: object, accept: (value: object) => boolean): object | undefined {
  for (let frame = storage?.getStore(); frame !== undefined; frame = frame.outer) {
    if (frame.key === key && accept(frame.value)) return frame.value
  }
  return undefined
}

function openStorage(): StorageLike {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as
    | { AsyncLocalStorage: new () => StorageLike }
    | undefined
  if (hooks === undefined) {
    throw new TypeError(
      'This runtime has no `node:async_hooks`, which scopes need. Switch on the compatibility with Node (`nodejs_compat` on Workers).',
    )
  }
  return new hooks.AsyncLocalStorage()
}
