/**
 * The names of what a store keeps, which are also the channels it is told through. Celery's own.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#global-keyprefix
 */
export interface RedisKeys {
  /** The state of a task. */
  task(taskId: string): string
  /** The task of a key; only for keys that `task` made. */
  taskIdOf(key: string): string
  /** A group that was saved. */
  group(groupId: string): string
  /** What counts the parts of a chord: the parts, those added later, and how many there shall be. */
  chord(groupId: string): readonly [parts: string, added: string, size: string]
}

/** @param prefix - `global_keyprefix`; an underscore is put behind it, unless it ends in a separator */
export function redisKeys(prefix: string): RedisKeys {
  const before = prefix === '' || /[:_.-]$/.test(prefix) ? prefix : `${prefix}_`
  const task = `${before}celery-task-meta-`
  const group = `${before}celery-taskset-meta-`
  return {
    task: (taskId) => task + taskId,
    taskIdOf: (key) => key.slice(task.length),
    group: (groupId) => group + groupId,
    chord: (groupId) => [`${group}${groupId}.j`, `${group}${groupId}.t`, `${group}${groupId}.s`],
  }
}
