import { BackendDataError } from '../errors.ts'

/** A group of tasks, of which some may be groups themselves. */
export interface JoinedGroup {
  readonly taskIds: readonly string[]
  /** Puts the results where their tasks are: nested as the groups are. */
  results(resultOf: (taskId: string) => unknown): readonly unknown[]
}

/** Groups within groups; what is deeper was not made by Celery. */
const DEEPEST = 1000

/**
 * Reads the tuple of a group, `[[id, parent], [tuple, …]]`.
 *
 * @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when it is no such tuple
 */
export function joinGroup(groupId: string, tuple: unknown): JoinedGroup {
  const taskIds: string[] = []
  const fail = () => new BackendDataError(groupId, 'expected a group as `[[id, parent], [member, …]]`')
  const read = (node: unknown, depth: number): string | readonly Place[] => {
    if (!Array.isArray(node) || depth > DEEPEST) throw fail()
    const [head, members] = node as readonly unknown[]
    if (Array.isArray(members)) return members.map((member) => read(member, depth + 1))
    const id: unknown = Array.isArray(head) ? head[0] : head
    if (typeof id !== 'string') throw fail()
    taskIds.push(id)
    return id
  }
  const places = read(tuple, 0)
  if (typeof places === 'string') throw fail()
  return { taskIds, results: (resultOf) => fill(places, resultOf) }
}

type Place = string | readonly Place[]

function fill(places: readonly Place[], resultOf: (taskId: string) => unknown): readonly unknown[] {
  return places.map((place) => (typeof place === 'string' ? resultOf(place) : fill(place, resultOf)))
}
