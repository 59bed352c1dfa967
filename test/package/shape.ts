import { type Function as FunctionNode, Visitor } from 'oxc-parser'
import { lineOf, type ParsedFile } from './sources.ts'

/** Index files that are more than a list of named exports, and files with exports no index can list well. */
export function indexFaults(files: readonly ParsedFile[]): readonly string[] {
  return files.flatMap(({ file, text, program }) => {
    const isIndex = file.endsWith('/index.ts')
    return program.body.flatMap((node) => {
      const at = `${file}:${lineOf(text, node.start)}`
      if (node.type === 'ExportAllDeclaration') return [`${at}: \`export *\`; name what is exported`]
      if (node.type === 'ExportDefaultDeclaration') return [`${at}: default export; name what is exported`]
      if (node.type === 'ImportDeclaration' && node.specifiers.length === 0) {
        return [`${at}: an import for its effect; \`sideEffects: false\` promises there are none`]
      }
      if (isIndex && !(node.type === 'ExportNamedDeclaration' && node.source)) {
        return [`${at}: an index is a list of named exports from files and nothing else`]
      }
      return []
    })
  })
}

export const WHY_LONG = 'This file is long because'

/** Files over 400 lines that do not open by saying why. */
export function lengthFaults(files: readonly { readonly file: string; readonly text: string }[]): readonly string[] {
  return files.flatMap(({ file, text }) => {
    const lines = countLines(text)
    if (lines <= 400 || text.slice(0, 1000).includes(WHY_LONG)) return []
    return [`${file} has ${lines} lines; split it, or open it with a comment "${WHY_LONG} ..."`]
  })
}

export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** Lines that are neither empty nor only comment nor part of an import. */
export function countCode({ text, comments, program }: Pick<ParsedFile, 'text' | 'comments' | 'program'>): number {
  let bare = text
  const blank = (part: string) => part.replace(/[^\n]/g, ' ')
  const imports = program.body.filter(({ type }) => type === 'ImportDeclaration')
  for (const { start, end } of [...comments, ...imports]) {
    bare = bare.slice(0, start) + blank(bare.slice(start, end)) + bare.slice(end)
  }
  return bare.split('\n').filter((line) => line.trim() !== '').length
}

/** The length in lines of every function that has a body, methods and arrow functions included. */
export function functionLengths(files: readonly Pick<ParsedFile, 'text' | 'program'>[]): readonly number[] {
  const lengths: number[] = []
  for (const { text, program } of files) {
    const add = (node: Pick<FunctionNode, 'start' | 'end'>) => {
      lengths.push(lineOf(text, node.end) - lineOf(text, node.start) + 1)
    }
    new Visitor({
      FunctionDeclaration: add,
      FunctionExpression: add,
      ArrowFunctionExpression: add,
    }).visit(program)
  }
  return lengths
}

/** The value below which the given part (0 to 1) of the numbers lies. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
