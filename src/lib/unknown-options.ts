import { nearest } from './nearest.ts'

/**
 * A problem for each name that is no option, with the one that was probably meant: misspelt, or in Python's casing.
 *
 * @param options - as the caller gave them
 * @param known - the names there are
 * @param kind - what they are options of: `a call`
 */
export function unknownOptions(options: object, known: Iterable<string>, kind: string): readonly string[] {
  const names = new Map(Array.from(known, (name) => [name.toLowerCase(), name]))
  return Object.keys(options).flatMap((typed) => {
    const plain = typed.replaceAll('_', '').toLowerCase()
    const meant = names.get(plain)
    if (meant === typed) return []
    const near = meant ?? names.get(nearest(plain, [...names.keys()]) ?? '')
    return [`\`${typed}\` is not an option of ${kind}${near === undefined ? '' : `; \`${near}\` is near`}`]
  })
}
