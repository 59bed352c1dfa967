import { toExceptionData } from '../protocol/exception-data.ts'
import { formatTraceback } from '../protocol/format-traceback.ts'
import type { ExceptionData } from '../protocol/task-meta.ts'
import { TaskError } from '../results/errors.ts'
import type { Failure } from './outcome.ts'

/** What is stored of an error, whatever was thrown. Never throws. */
export function toFailure(error: unknown): Failure {
  try {
    return { exception: toException(error), traceback: formatTraceback(error), error }
  } catch {
    // A getter or proxy that throws, or a message that is no text: a logger could not read it either.
    return toFailure(new TypeError('what was thrown cannot be read'))
  }
}

/** The failure of another task that was awaited keeps the name it has where it was thrown. */
function toException(error: unknown): ExceptionData {
  if (!(error instanceof TaskError)) return toExceptionData(error)
  return { exc_type: error.excType, exc_message: error.excMessage, exc_module: error.excModule }
}
