/**
 * A result as Celery refers to it in `children` and in returned values: `[[id, parent], null]` for a task,
 * `[[id, parent], [members]]` for a group.
 */
export type ResultTuple = readonly [
  head: readonly [id: string, parent: ResultTuple | null],
  members: readonly ResultTuple[] | null,
]

/**
 * Refers to the result of a task.
 *
 * @param parent - the task before it in a chain
 */
export function resultTuple(id: string, parent: ResultTuple | null = null): ResultTuple {
  return [[id, parent], null]
}

/** Refers to the results of a group. */
export function groupTuple(
  id: string,
  members: readonly ResultTuple[],
  parent: ResultTuple | null = null,
): ResultTuple {
  return [[id, parent], members]
}
