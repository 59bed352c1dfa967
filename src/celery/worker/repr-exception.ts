import { pythonRepr } from '../protocol/python-repr.ts'
import type { ExceptionData } from '../protocol/task-meta.ts'

/** An exception as Python shows it within other texts: `ValueError('bad', 42)`. */
export function reprException({ exc_type: type, exc_message: args }: ExceptionData): string {
  return `${type}(${args.map((arg) => pythonRepr(arg)).join(', ')})`
}
