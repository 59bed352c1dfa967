import { posix } from 'node:path'
import type { SourceFile } from './sources.ts'

/** A fenced block of a page. */
export interface Fence {
  /** All after the three backticks. */
  readonly info: string
  readonly code: string
  /** The line of the block's first line of code. */
  readonly line: number
}

/** The fenced blocks of a page, in order. Indented fences (in lists) lose their indent. */
export function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { indent: string; mark: string; info: string; line: number; code: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const [, indent = '', mark = '', info = ''] = /^(\s*)(`{3,})(.*)$/.exec(line) ?? []
    if (open === undefined) {
      if (mark !== '') open = { indent, mark, info: info.trim(), line: i + 2, code: [] }
    } else if (mark.length >= open.mark.length && info.trim() === '') {
      fences.push({ info: open.info, code: `${open.code.join('\n')}\n`, line: open.line })
      open = undefined
    } else {
      open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    }
  }
  if (open !== undefined) throw new SyntaxError(`the block that starts before line ${open.line} has no end`)
  return fences
}

/** The text without what is inside fences and inline code, line for line. */
function proseOf(text: string): readonly string[] {
  let mark: string | undefined
  return text.split('\n').map((line) => {
    const fence = /^\s*(`{3,})/.exec(line)?.[1]
    if (fence !== undefined && (mark === undefined || fence.length >= mark.length)) {
      mark = mark === undefined ? fence : undefined
      return ''
    }
    return mark === undefined ? line : ''
  })
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const line of proseOf(text)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    anchors.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return anchors
}

/**
 * Links between the repository's files that lead nowhere.
 *
 * @param pages - the pages whose links are followed
 * @param exists - tells whether a path of the repository exists
 */
export function linkFaults(pages: readonly SourceFile[], exists: (path: string) => boolean): readonly string[] {
  const anchors = new Map(pages.map(({ file, text }) => [file, anchorsOf(text)]))
  return pages.flatMap(({ file, text }) =>
    proseOf(text).flatMap((line, i) =>
      linksOf(line).flatMap((link) => {
        if (/^[a-z][a-z+.-]*:/.test(link)) return []
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? file : posix.join(posix.dirname(file), path)
        const at = `${file}:${i + 1}: the link \`${link}\``
        if (target.startsWith('../')) return [`${at} leaves the repository`]
        if (!exists(target)) return [`${at} leads to ${target}, which does not exist`]
        if (anchor !== undefined && anchors.get(target)?.has(anchor) === false) {
          return [`${at} names a heading that ${target} does not have`]
        }
        return []
      }),
    ),
  )
}

function linksOf(line: string): readonly string[] {
  const plain = line.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
  const inline = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
  const references = [...plain.matchAll(/^\s*\[[^\]]+\]:\s+<?(\S+?)>?\s*$/g)]
  return [...inline, ...references].flatMap(([, link]) => (link === undefined ? [] : [link]))
}

/** A row of a Markdown table, cell by cell, or nothing when the line is none. */
export function cellsOf(line: string): readonly string[] | undefined {
  if (!/^\s*\|.*\|\s*$/.test(line)) return undefined
  const cells = line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|'))
}
