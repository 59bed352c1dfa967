import { Visitor } from 'oxc-parser'
import { cellsOf } from './markdown.ts'
import { lineOf, type ParsedFile, type SourceFile } from './sources.ts'

const CODE = /\bERR_[A-Z0-9]+(?:_[A-Z0-9]+)*\b/g

/** Codes of Node and others that the sources compare with; they are not ours. */
const FOREIGN: ReadonlySet<string> = new Set([
  'ERR_BUFFER_TOO_LARGE',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_URL',
  'ERR_MODULE_NOT_FOUND',
  'ERR_PARSE_ARGS',
  'ERR_PARSE_ARGS_UNKNOWN_OPTION',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_WORKER_OUT_OF_MEMORY',
])

/** Where each code of ours is: in code (as a string or a type), and in what comments say. Examples invent their own. */
export interface CodePlaces {
  readonly inCode: ReadonlyMap<string, string>
  readonly inComments: ReadonlyMap<string, string>
}

export function codePlaces(files: readonly ParsedFile[]): CodePlaces {
  const inCode = new Map<string, string>()
  const inComments = new Map<string, string>()
  for (const { file, text, program, comments } of files) {
    const add = (places: Map<string, string>, part: string, offset: number) => {
      for (const { 0: code, index } of part.matchAll(CODE)) {
        if (!FOREIGN.has(code) && !places.has(code)) places.set(code, `${file}:${lineOf(text, offset + index)}`)
      }
    }
    new Visitor({
      Literal: (node) => {
        if (typeof node.value === 'string') add(inCode, node.value, node.start)
      },
      TemplateElement: (node) => add(inCode, node.value.raw, node.start),
    }).visit(program)
    for (const { value, start } of comments) add(inComments, value.replace(/```[\s\S]*?```/g, blank), start)
  }
  return { inCode, inComments }
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

/** A row of the page: code, status, meaning, what to do. */
export interface CodeRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** The rows of every table of the page that begin with a code. */
function codeRows(page: string): ReadonlyMap<string, readonly CodeRow[]> {
  const rows = new Map<string, CodeRow[]>()
  for (const [i, text] of page.split('\n').entries()) {
    const cells = cellsOf(text)
    const code = /^`(ERR_[A-Z0-9_]+)`$/.exec(cells?.[0] ?? '')?.[1]
    if (cells !== undefined && code !== undefined) rows.set(code, [...(rows.get(code) ?? []), { line: i + 1, cells }])
  }
  return rows
}

/** Where sources and page do not agree, in both directions. */
export function codeFaults({ inCode, inComments }: CodePlaces, { file, text }: SourceFile): readonly string[] {
  const rows = codeRows(text)
  const missing = (places: ReadonlyMap<string, string>) =>
    [...places].filter(([code]) => !rows.has(code)).map(([code, at]) => `${at}: ${code} is not in ${file}`)
  return [
    ...missing(inCode),
    ...missing(new Map([...inComments].filter(([code]) => !inCode.has(code)))),
    ...[...rows].flatMap(([code, found]) => [
      ...(inCode.has(code) ? [] : [`${file}:${found[0]?.line}: ${code} is in no source`]),
      ...(found.length === 1 ? [] : [`${file}:${found[1]?.line}: ${code} has two rows`]),
      ...found.flatMap((row) => rowFaults(row).map((fault) => `${file}:${row.line}: ${code} ${fault}`)),
    ]),
  ]
}

function rowFaults({ cells }: CodeRow): readonly string[] {
  const [, status = '', meaning = '', remedy = ''] = cells
  return [
    ...(/^(—|[45]\d\d(, [45]\d\d)*)$/.test(status)
      ? []
      : [`has the status "${status}"; write numbers, or "—" for none`]),
    ...(meaning === '' ? ['has no meaning'] : []),
    ...(remedy === '' ? ['does not say what to do'] : []),
  ]
}
