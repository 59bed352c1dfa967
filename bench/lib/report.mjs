// Tables for the terminal and, between markers, for the README of each bench.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { added, ratio, summary } from './compare.mjs'

/** Columns that a question may show; the base is the contender all are compared with. */
export const microseconds = { head: 'µs', cell: (times, name) => number(summary(times.get(name)).median) }
export const times = { head: '× raw', cell: (all, name, base) => range(ratio(all, name, base)) }
export const addedMicroseconds = { head: 'added µs', cell: (all, name, base) => range(added(all, name, base)) }

/**
 * Two tables: the goals of a question, and the times of its contenders.
 *
 * @param question - `title`, `base`, `goals` and `columns`
 * @param measured - what `compare` gave
 */
export function tables({ title, base, goals, columns }, measured) {
  const judged = goals.map((goal) => judge(goal, measured))
  const rows = [...measured.keys()].map((name) => [name, ...columns.map(({ cell }) => cell(measured, name, base))])
  return [
    `### ${title}`,
    '',
    ...(judged.length === 0 ? [] : [...goalTable(judged), '']),
    ...judged.flatMap(({ why }) => (why === undefined ? [] : [why, ''])),
    ...table(['', ...columns.map(({ head }) => head)], rows),
    '',
  ].join('\n')
}

const goalTable = (judged) =>
  table(
    ['goal', 'measured', ''],
    judged.map(({ row }) => row),
  )

/** A goal has `text`, `measure`, `most` or `least`, the `unit`, and `why` it may be missed. */
function judge({ text, measure, most = Infinity, least = 0, unit = '×', why }, measured) {
  const found = measure(measured)
  const met = found.median <= most && found.median >= least
  return {
    row: [text, range(found, unit), met ? 'met' : '**missed**'],
    why: met ? undefined : `Missed: ${why ?? 'nobody has said why yet.'}`,
  }
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)]
}

/** The median, and the lowest and highest of the rounds. */
function range({ median, low, high }, unit = '') {
  return `${[number(median), unit].join(' ').trim()} (${number(low)} to ${number(high)})`
}

function number(value) {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** The machine, and the versions of what was measured. */
export function machine(packages) {
  const versions = packages.map((name) => {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`
  })
  const { openssl } = process.versions
  return [
    `Node ${process.versions.node} (OpenSSL ${openssl}), ${process.platform} ${process.arch},`,
    `${availableParallelism()} cores of ${cpus()[0].model.trim()}; ${versions.join(', ')}.`,
  ].join(' ')
}

/** Replaces what the README says about this major version of Node, or adds it below what it says about the others. */
export function writeResults(readme, text) {
  const major = process.versions.node.split('.')[0]
  const begin = `<!-- results on Node ${major} -->`
  const end = `<!-- end of results on Node ${major} -->`
  const old = readFileSync(readme, 'utf8')
  const block = `${begin}\n\n## Results on Node ${major}\n\n${text.trim()}\n\n${end}`
  const from = old.indexOf(begin)
  const to = old.indexOf(end)
  const added = `${old.trimEnd()}\n\n${block}\n`
  writeFileSync(readme, from < 0 || to < 0 ? added : old.slice(0, from) + block + old.slice(to + end.length))
}
