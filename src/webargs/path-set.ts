import type { ArgIssue } from './arg-issue.ts'

type Path = ArgIssue['path']

/** Paths, kept as a tree of their keys: a key of the client's that many paths share is never written out again. */
export class PathSet {
  readonly #below = new Map<string | number, PathSet>()
  #isHere = false

  add(path: Path): void {
    let place: PathSet = this
    for (const key of path) {
      let next = place.#below.get(key)
      if (next === undefined) {
        next = new PathSet()
        place.#below.set(key, next)
      }
      place = next
    }
    place.#isHere = true
  }

  has(path: Path): boolean {
    let place: PathSet = this
    for (const key of path) {
      const next = place.#below.get(key)
      if (next === undefined) return false
      place = next
    }
    return place.#isHere
  }
}
