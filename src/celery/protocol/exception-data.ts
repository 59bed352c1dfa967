import { pythonRepr } from './python-repr.ts'
import type { ExceptionData } from './task-meta.ts'
import { writeJson } from './write-json.ts'

/** The module of errors that are JavaScript's. Python must have none of that name, so it makes a class of its own. */
const JS_MODULE = 'js'

/**
 * What an error that stands for an exception of Python has: `excType` and `excModule` name its class there, `excArgs` is what
 * the constructor gets. Any error with these members is stored under that name.
 */
export interface ExceptionLike {
  readonly excType: string
  readonly excModule: string
  readonly excArgs: readonly unknown[]
}

/**
 * What a result store keeps of something that was thrown. Python makes an exception of it: of the class that is named, if it
 * knows one, else of a new class of that name.
 *
 * @param error - anything: an error, or what should not be thrown
 * @returns always good JSON of Celery: an argument that cannot be sent is replaced by its text
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html
 */
export function toExceptionData(error: unknown): ExceptionData {
  if (isExceptionLike(error)) return exceptionData(error.excType, error.excArgs, error.excModule)
  if (error instanceof Error) return exceptionData(errorName(error), [String(error.message)], JS_MODULE)
  return exceptionData('Error', [error], JS_MODULE)
}

/** The name of an error's class: that of `name`, unless only the class was given one. */
export function errorName(error: Error): string {
  const own: unknown = error.name
  if (typeof own === 'string' && own !== '' && own !== 'Error') return own
  const { name } = error.constructor ?? {}
  return typeof name === 'string' && name !== '' ? name : 'Error'
}

function exceptionData(type: string, args: readonly unknown[], module: string): ExceptionData {
  return { exc_type: className(type), exc_message: args.map(sendable), exc_module: module }
}

/** Python takes any text as the name of a class, but for NUL and halves of surrogate pairs. */
function className(name: string): string {
  const clean = name
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Cs}]/gu, '_')
    .trim()
  return clean === '' ? 'Error' : clean
}

function sendable(value: unknown): unknown {
  try {
    writeJson(value)
    return value ?? null
  } catch {
    return textOf(value)
  }
}

function textOf(value: unknown): string {
  try {
    return value instanceof Error ? `${errorName(value)}: ${value.message}` : pythonRepr(value)
  } catch {
    // A getter or proxy that throws.
    return `<${typeof value}>`
  }
}

function isExceptionLike(value: unknown): value is ExceptionLike {
  if (typeof value !== 'object' || value === null) return false
  const { excType, excModule, excArgs } = value as Partial<Record<keyof ExceptionLike, unknown>>
  return typeof excType === 'string' && typeof excModule === 'string' && Array.isArray(excArgs)
}
