import type { TaskMessage } from '../../src/celery/protocol/task-message.ts'

/** A call of `py.add`, with what a test changes. */
export function aTask(changes: Partial<TaskMessage> = {}): TaskMessage {
  return {
    task: 'py.add',
    id: '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
    args: [2, 3],
    kwargs: {},
    callbacks: [],
    errbacks: [],
    chain: [],
    chord: undefined,
    eta: undefined,
    expires: undefined,
    retries: 0,
    timeLimit: undefined,
    softTimeLimit: undefined,
    group: undefined,
    groupIndex: undefined,
    rootId: '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
    parentId: undefined,
    shadow: undefined,
    argsrepr: undefined,
    kwargsrepr: undefined,
    origin: 'gen1@host',
    ignoreResult: false,
    replacedTaskNesting: 0,
    stampedHeaders: undefined,
    stamps: {},
    headers: {},
    replyTo: undefined,
    priority: undefined,
    ...changes,
  }
}
