/** `taskAcksLate` as `task_acks_late`. */
export type SnakeCase<Name extends string, Done extends string = ''> = Name extends `${infer First}${infer Rest}`
  ? SnakeCase<Rest, `${Done}${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}`>
  : Done

/** The members of an object of options, also by their names in Python. */
export type AnyCase<Options> = Partial<Options> & {
  readonly [Name in keyof Options as SnakeCase<Name & string>]?: Options[Name]
}

/** `taskAcksLate` as `task_acks_late`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `task_acks_late` as `taskAcksLate`. */
export function toCamelCase(name: string): string {
  return name.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
