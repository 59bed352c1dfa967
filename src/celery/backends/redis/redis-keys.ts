/**
 * The names of what a store keeps, which are also the channels it is told through. Celery's own.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#global-keyprefix
 */
export interface RedisKeys {
  /** The state of a task. */
  task(taskId: string): string
  /** A group that was saved. */
  group(groupId: string): string
  /** What counts the parts of a chord: the parts, those added later, and how many there shall be. */
  chord(groupId: string): readonly [parts: string, added: string, size: string]
}

/**
 * @param prefix - `global_keyprefix`; an underscore is put behind it, unless it ends in a separator
 * @param binary - whether each byte is a character on the connection
 */
export function redisKeys(prefix: string, binary = false): RedisKeys {
  const key = (text: string) => (binary ? Buffer.from(text).toString('latin1') : text)
  const before = prefix === '' || /[:_.-]$/.test(prefix) ? prefix : `${prefix}_`
  const task = `${before}celery-task-meta-`
  const group = `${before}celery-taskset-meta-`
  return {
    task: (taskId) => key(task + taskId),
    group: (groupId) => key(group + groupId),
    chord: (groupId) => [key(`${group}${groupId}.j`), key(`${group}${groupId}.t`), key(`${group}${groupId}.s`)],
  }
}
