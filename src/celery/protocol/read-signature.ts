import { MAX_NAME } from './limits.ts'
import { MessageError } from './message-error.ts'
import type { SignatureData } from './signature-data.ts'

/** Tells whether a value is an object that was read as one, and no array, date or bytes. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Reads a signature that came off the wire. Members that lack get their defaults, unknown ones are kept.
 *
 * @param value - `{"task": "py.add", "args": [2, 3]}`
 * @param place - what the value is called in messages: `chord`
 * @throws MessageError `ERR_CELERY_MESSAGE` when it is none
 */
export function readSignature(value: unknown, place = 'signature'): SignatureData {
  const fail = (what: string): never => {
    throw new MessageError('ERR_CELERY_MESSAGE', place, `\`${place}\` is not a signature: ${what}`)
  }
  if (!isRecord(value)) return fail('expected an object')
  const { task, args, kwargs, options, subtask_type: type } = value
  if (typeof task !== 'string' || task === '') return fail('expected `task` to be a name')
  if (task.length > MAX_NAME) return fail(`expected \`task\` to have at most ${MAX_NAME} characters`)
  if (args !== undefined && args !== null && !Array.isArray(args)) return fail('expected `args` to be an array')
  if (!isOptionalRecord(kwargs)) return fail('expected `kwargs` to be an object')
  if (!isOptionalRecord(options)) return fail('expected `options` to be an object')
  return {
    ...value,
    task,
    args: args ?? [],
    kwargs: kwargs ?? {},
    options: options ?? {},
    subtask_type: typeof type === 'string' ? type : null,
    immutable: Boolean(value['immutable']),
  }
}

/**
 * Reads a list of signatures; none where there is nothing.
 *
 * @param place - what the value is called in messages: `callbacks`
 * @throws MessageError `ERR_CELERY_MESSAGE`
 */
export function readSignatures(value: unknown, place: string): readonly SignatureData[] {
  if (value === undefined || value === null) return NONE
  if (!Array.isArray(value)) {
    throw new MessageError('ERR_CELERY_MESSAGE', place, `expected \`${place}\` to be an array of signatures`)
  }
  return value.length === 0 ? NONE : value.map((one) => readSignature(one, place))
}

const NONE: readonly SignatureData[] = Object.freeze([])

function isOptionalRecord(value: unknown): value is Record<string, unknown> | null | undefined {
  return value === undefined || value === null || isRecord(value)
}
