/**
 * What is wrong with the names of options. A misspelt option would otherwise be passed over, and with it what it was to forbid.
 *
 * @param options - what the caller gave
 * @param names - the options there are
 */
export function nameProblems(options: unknown, names: readonly string[]): readonly string[] {
  if (typeof options !== 'object' || options === null) return ['the options must be an object']
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) => `there is no option \`${name}\`; there are ${names.join(', ')}`)
}

/** What is wrong with options that are true, false or not given. */
export function flagProblems(options: object, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !['boolean', 'undefined'].includes(typeof (options as Readonly<Record<string, unknown>>)[name]))
    .map((name) => `\`${name}\` must be true or false`)
}

/** What is wrong with the option `compat`. */
export function compatProblems({ compat }: { readonly compat?: unknown }): readonly string[] {
  return compat === undefined || compat === 'twopi-flask' ? [] : ["`compat` must be 'twopi-flask'"]
}
