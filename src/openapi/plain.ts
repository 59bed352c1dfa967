/** JSON text of any value: integers of any size are numbers there, and what has no JSON form is null. */
export function stringifyPlain(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? Number(member) : member,
  )
  return text ?? 'null'
}

/**
 * A value as JSON has it: a date is its text, and members that are undefined are not there.
 *
 * @throws TypeError when it contains itself
 */
export function toPlain(value: unknown): unknown {
  return JSON.parse(stringifyPlain(value))
}
