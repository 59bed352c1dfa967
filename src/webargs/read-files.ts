import type { HttpRequest } from '../http/request.ts'
import type { Fields } from './admit.ts'
import { DEFAULT_FILE_RULE, type FileRule, fileRuleOf } from './arg-files.ts'
import type { ArgsSettings } from './args-settings.ts'
import { isEmpty } from './body-input.ts'
import { type Checker, REFUSED } from './checker.ts'
import { type FilesPlan, MULTIPART, readMultipart } from './multipart-body.ts'
import type { Problems } from './problems.ts'

/**
 * What the location `files` is to receive.
 *
 * @param shape - fields by name, or a schema of an object
 * @param faults - gets what cannot work
 */
export function createFilesPlan(shape: object, checker: Checker, settings: ArgsSettings, faults: string[]): FilesPlan {
  const { names, lists } = checker
  if (names === undefined) faults.push('`files` needs fields by name, or a schema whose keys can be seen')
  if (settings.unknown.files === 'include') {
    faults.push('`unknown.files` must be "raise" or "exclude", because a file that nobody declared has no limits')
  }
  const rules = new Map<string, FileRule>()
  for (const name of names ?? []) {
    const field: unknown = (shape as Readonly<Record<string, unknown>>)[name]
    const declared = typeof field === 'object' && field !== null ? fileRuleOf(field) : undefined
    rules.set(name, declared ?? (lists.has(name) ? DEFAULT_FILE_RULE : { ...DEFAULT_FILE_RULE, maxCount: 1 }))
  }
  return { rules, lists, refuseUnknown: settings.unknown.files === 'raise', uploads: settings.uploads }
}

/** The files of a request by their fields, for the checker; {@link REFUSED} when they cannot be had. */
export async function readFiles(
  request: HttpRequest,
  plan: FilesPlan,
  problems: Problems,
): Promise<Fields | typeof REFUSED> {
  if (request.contentType !== MULTIPART) {
    if (await isEmpty(request)) return {}
    const message = `The body must be a form with files ("${MULTIPART}").`
    problems.add('files', { path: [], code: 'content_type', message }, 'ERR_ARGS_CONTENT_TYPE')
    return REFUSED
  }
  if (request.isParsed) {
    throw new TypeError(
      'The framework has already parsed this multipart body; remove its parser (multer, @fastify/multipart with `attachFieldsToBody`) from the route.',
    )
  }
  const body = await readMultipart(request, 'files', problems, plan.uploads, plan)
  if (!body.complete) return REFUSED
  const input: Record<string, unknown> = {}
  for (const name of plan.rules.keys()) {
    const found = body.files.get(name)
    if (found !== undefined && name !== '__proto__') input[name] = plan.lists.has(name) ? found : found[0]
  }
  return input
}
