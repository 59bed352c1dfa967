import { BodyError } from '../../http/body-errors.ts'
import { isJsonType } from '../../http/media-type.ts'
import type { HttpRequest } from '../../http/request.ts'
import { AuthError } from '../errors/auth-error.ts'

/** The fields of a body, by name; those that came several times hold a list. */
export type BodyFields = Readonly<Record<string, unknown>>

/** In characters. Longer than any password a person types, short enough for a slow password hash. */
const MOST_FIELD_CHARACTERS = 1024

const FORM = 'application/x-www-form-urlencoded'

/** What a list of field names gives: `'otp?'` is a field that may be missing. */
export type Credentials<Field extends string> = {
  readonly [Name in Exclude<Field, `${string}?`>]: string
} & {
  readonly [Name in Field as Name extends `${infer Optional}?` ? Optional : never]?: string
}

/**
 * Reads a body that is a JSON object or a form. Of a form only the wanted fields are looked at, so that the work grows with
 * the body and not with the number of its fields times the number of its fields.
 *
 * @param names - the wanted fields; a name may end in `?`
 * @param limit - in bytes; a smaller limit that a step has set stays
 * @throws BodyError `ERR_BODY_CONTENT_TYPE` (415) for any other type, and as `request.json` and `request.form`
 * @throws AuthError `ERR_AUTH_FIELDS` (422) for JSON that is no object
 */
export async function readFields(request: HttpRequest, names: readonly string[], limit: number): Promise<BodyFields> {
  limitBody(request, limit)
  if (isJsonType(request.contentType)) {
    const body = await request.json()
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as BodyFields
    throw new AuthError('ERR_AUTH_FIELDS', { messages: ['The body must be a JSON object.'] })
  }
  if (request.contentType !== FORM) {
    throw new BodyError(
      'ERR_BODY_CONTENT_TYPE',
      'The body must be JSON ("application/json") or a form ("application/x-www-form-urlencoded").',
    )
  }
  const form = await request.form()
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const wanted of names) {
    const name = fieldName(wanted)
    const values = form.getAll(name)
    if (values.length > 0) fields[name] = values.length === 1 ? values[0] : values
  }
  return fields
}

function limitBody(request: HttpRequest, limit: number): void {
  if (request.bodyLimit <= limit) return
  try {
    request.limitBody(limit)
  } catch {
    // A step before has read the body already, within the limit of its own choice.
  }
}

/** The name of a wanted field: without the `?` that says it may be missing. */
function fieldName(wanted: string): string {
  return wanted.endsWith('?') ? wanted.slice(0, -1) : wanted
}

/** {@link readFields}, for views that also work without a body, or with one of another type. */
export async function readOptionalFields(
  request: HttpRequest,
  names: readonly string[],
  limit: number,
): Promise<BodyFields> {
  if (request.contentType !== FORM && !isJsonType(request.contentType)) return {}
  try {
    return await readFields(request, names, limit)
  } catch (error) {
    // Clients that always send the content type of JSON also do so with nothing.
    if (error instanceof BodyError && error.code === 'ERR_BODY_EMPTY') return {}
    throw error
  }
}

/**
 * Takes the wanted fields out of a body. Each must be one string; names that are not wanted are ignored.
 *
 * @param names - a name that ends in `?` may be missing
 * @throws AuthError `ERR_AUTH_FIELDS` (422) that lists every problem by the field's name, never its value
 */
export function pickFields<Field extends string>(body: BodyFields, names: readonly Field[]): Credentials<Field> {
  const picked: Record<string, string> = {}
  const problems: string[] = []
  for (const wanted of names) {
    const optional = wanted.endsWith('?')
    const name = fieldName(wanted)
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    if (value === undefined) {
      if (!optional) problems.push(`\`${name}\` is required.`)
    } else if (typeof value !== 'string') problems.push(`\`${name}\` must be one string.`)
    else if (value.length > MOST_FIELD_CHARACTERS) {
      problems.push(`\`${name}\` must not be longer than ${MOST_FIELD_CHARACTERS} characters.`)
    } else picked[name] = value
  }
  if (problems.length > 0) throw new AuthError('ERR_AUTH_FIELDS', { messages: problems })
  return picked as Credentials<Field>
}
