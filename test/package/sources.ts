import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Comment, type Program, parseSync, Visitor } from 'oxc-parser'

/** The repository's folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** A file by its path from the repository's folder, always with `/`. The checks take these, so tests can plant faults. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** Who imports what. `kind` tells what is left of the import when the program runs. */
export interface Import {
  readonly specifier: string
  /**
   * `type`: nothing; `lazy`: an `import()` the program may never reach; `lookup`: a built-in by
   * `process.getBuiltinModule`; `value`: loaded at once.
   */
  readonly kind: 'value' | 'type' | 'lazy' | 'lookup'
  readonly line: number
}

export interface ParsedFile extends SourceFile {
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
}

/** All files below a folder whose names end as asked, sorted. */
export function readFiles(folder: string, ending: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.includes('node_modules/'))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
}

/** Parses a TypeScript file and lists its imports, those of types included. */
export function parseFile({ file, text }: SourceFile): ParsedFile {
  const { program, comments, errors } = parseSync(file, text)
  if (errors.length > 0) throw new SyntaxError(`${file} does not parse: ${errors[0]?.message}`)
  return { file, text, program, comments, imports: importsOf(program, text) }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function importsOf(program: Program, text: string): readonly Import[] {
  const found: Import[] = []
  const add = (node: { start: number }, specifier: unknown, kind: Import['kind']) => {
    // A computed specifier cannot be judged, so it is refused under a name no rule allows.
    const name = typeof specifier === 'string' ? specifier : '(computed)'
    found.push({ specifier: name, kind, line: lineOf(text, node.start) })
  }
  new Visitor({
    // Under `verbatimModuleSyntax`, `import { type A } from 'x'` still loads `x`; only `import type` does not.
    ImportDeclaration: (node) => add(node, node.source.value, node.importKind === 'type' ? 'type' : 'value'),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value')
    },
    ExportAllDeclaration: (node) => add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value'),
    ImportExpression: (node) => add(node, 'value' in node.source ? node.source.value : undefined, 'lazy'),
    TSImportType: (node) => add(node, node.source.value, 'type'),
    TSModuleDeclaration: (node) => {
      if (node.id.type === 'Literal') add(node, node.id.value, 'type')
    },
    CallExpression: (node) => {
      const { callee } = node
      const name =
        callee.type === 'Identifier'
          ? callee.name
          : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
            ? callee.property.name
            : ''
      if (name !== 'require' && name !== 'getBuiltinModule') return
      const [argument] = node.arguments
      const kind = name === 'require' ? 'value' : 'lookup'
      add(node, argument !== undefined && 'value' in argument ? argument.value : undefined, kind)
    },
  }).visit(program)
  return found
}
