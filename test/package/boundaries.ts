import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { FolderRule } from './folders.ts'
import type { Import, ParsedFile } from './sources.ts'

/** The part of a parsed file these checks look at. */
export type FileImports = Pick<ParsedFile, 'file' | 'imports'>
export type Rules = Readonly<Record<string, FolderRule>>

/** Where the code is; files outside do not concern these checks. */
const SRC = 'src/'

/** The row a file belongs to: its folder; `internal/` folders belong to the folder they are in. */
function folderOf(file: string): string {
  const folder = posix.dirname(file.slice(SRC.length))
  return folder.replace(/\/internal$/, '')
}

/** Faults in what the files import, by the table. Each names the file and line. */
export function boundaryFaults(files: readonly FileImports[], rules: Rules): readonly string[] {
  return files.flatMap(({ file, imports }) => {
    const folder = folderOf(file)
    const rule = rules[folder]
    if (rule === undefined) return [`${file}: the folder \`${folder}\` is not in the table; add a row with its reason`]
    return imports.flatMap((found) => {
      const fault = importFault(file, folder, rule, found)
      return fault === undefined ? [] : [`${file}:${found.line}: ${fault}`]
    })
  })
}

function importFault(file: string, folder: string, rule: FolderRule, { specifier, kind }: Import): string | undefined {
  if (specifier.startsWith('.')) return neighbourFault(folder, rule, resolve(file, specifier))
  if (isBuiltin(specifier)) {
    const looksUp = kind === 'lookup' && rule.lookups?.[posix.basename(file)] === specifier
    return rule.node || looksUp ? undefined : `imports \`${specifier}\`; \`${folder}\` must run without Node`
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (name === 'twopi') return `imports \`${specifier}\`; inside src import the file by its relative path`
  const use = rule.packages?.[name]
  if (use === undefined) return `imports \`${specifier}\`; the table allows \`${folder}\` no package of that name`
  if (use === 'value' || kind === 'type' || (use === 'lazy' && kind === 'lazy')) return undefined
  const way = use === 'type' ? 'by `import type`' : 'by `import type` or `import()`'
  return `loads \`${name}\`; \`${folder}\` may use it only ${way}`
}

function neighbourFault(folder: string, rule: FolderRule, target: string): string | undefined {
  if (!target.startsWith(SRC)) return `imports \`${target}\`, which is not in src`
  if (posix.basename(target) === 'index.ts') return `imports the index \`${target}\`; import the file itself`
  const other = folderOf(target)
  if (other === folder || other === 'lib') return undefined
  if (rule.imports.includes(other) || rule.imports.includes(target.slice(SRC.length))) return undefined
  const allowed = ['lib', ...rule.imports].map((name) => `\`${name}\``).join(', ')
  return `imports \`${target}\`; \`${folder}\` may import only ${allowed}`
}

/** Rows whose `planned` mark does not say the truth, and rows that name no row. */
export function tableFaults(files: readonly { readonly file: string }[], rules: Rules): readonly string[] {
  const existing = new Set(files.map(({ file }) => folderOf(file)))
  return Object.entries(rules).flatMap(([folder, rule]) => [
    ...(rule.planned && existing.has(folder) ? [`\`${folder}\` exists: remove its mark \`planned\``] : []),
    ...(!rule.planned && !existing.has(folder) ? [`\`${folder}\` does not exist: remove its row, or mark it`] : []),
    ...rule.imports
      .filter((name) => !(name in rules || posix.dirname(name) in rules))
      .map((name) => `the row \`${folder}\` names \`${name}\`, which has no row`),
  ])
}

/** The table as a graph of folders, for {@link loops}. A single file that is allowed is an end; its loops are those of files. */
export function tableGraph(rules: Rules): Graph {
  return new Map(Object.entries(rules).map(([folder, rule]) => [folder, rule.imports]))
}

export type Graph = ReadonlyMap<string, readonly string[]>

/** Which file imports which; types included, packages left out. */
export function fileGraph(files: readonly FileImports[]): Graph {
  return new Map(
    files.map(({ file, imports }) => [
      file,
      imports.filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier }) => resolve(file, specifier)),
    ]),
  )
}

/**
 * Every group of nodes that can reach each other, each as one walk `a -> b -> a`.
 * A plain depth-first search: from each node, is there a way back to it? Small graphs, so clarity wins over Tarjan.
 */
export function loops(graph: Graph): readonly string[] {
  const seen = new Set<string>()
  const found: string[] = []
  for (const start of [...graph.keys()].sort()) {
    if (seen.has(start)) continue
    const way = wayBack(graph, start)
    if (way === undefined) continue
    for (const node of way) seen.add(node)
    found.push(way.join(' -> '))
  }
  return found
}

/** The shortest walk from a node to itself. */
function wayBack(graph: Graph, start: string): readonly string[] | undefined {
  const before = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [start]
        for (let at = node; at !== start; at = before.get(at) ?? start) way.unshift(at)
        return [start, ...way]
      }
      if (!before.has(next)) {
        before.set(next, node)
        queue.push(next)
      }
    }
  }
  return undefined
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier)
}
