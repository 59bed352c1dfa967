import { parseSync, Visitor } from 'oxc-parser'
import { lineOf, type SourceFile } from './sources.ts'

/** What must not be in a published declaration: `any`, members meant for nobody. */
export function declarationFaults(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ file, text }) => {
    const { program, comments, errors } = parseSync(file, text, { lang: 'dts' })
    if (errors.length > 0) return [`${file} does not parse: ${errors[0]?.message}`]
    const faults: string[] = []
    new Visitor({
      TSAnyKeyword: (node) => {
        faults.push(`${file}:${lineOf(text, node.start)}: \`any\` in a public declaration`)
      },
    }).visit(program)
    for (const comment of comments) {
      if (comment.value.includes('@internal')) {
        faults.push(`${file}:${lineOf(text, comment.start)}: \`@internal\` in a public declaration`)
      }
    }
    return faults
  })
}

/** Maps whose sources are neither inside them nor in the tarball. */
export function mapFaults(maps: readonly SourceFile[]): readonly string[] {
  return maps.flatMap(({ file, text }) => {
    const { sources, sourcesContent = [] } = JSON.parse(text) as {
      sources: string[]
      sourcesContent?: (string | null)[]
    }
    return sources
      .filter((_, i) => typeof sourcesContent[i] !== 'string')
      .map((source) => `${file} points at ${source}`)
  })
}

/** Files that have no business in a tarball. */
export function contentFaults(files: readonly string[], listed: readonly string[]): readonly string[] {
  const isWanted = (file: string) =>
    file === 'package.json' ||
    listed.includes(file) ||
    (file.startsWith('dist/') && /(\.d\.ts|\.js|\.js\.map)$/.test(file) && !/(^|[/.])test[/.]/.test(file))
  return [
    ...files.filter((file) => !isWanted(file)).map((file) => `${file} is in the tarball`),
    ...listed.filter((file) => file !== 'dist' && !files.includes(file)).map((file) => `${file} is not in the tarball`),
  ]
}
