import { describe, expect, it } from 'vitest'
import { fileGraph } from './boundaries.ts'
import { countCode, countLines, functionLengths, lengthFaults, quantile, WHY_LONG } from './shape.ts'
import { parseFile, readFiles } from './sources.ts'

const sources = readFiles('src', '.ts').map(parseFile)

describe('the sizes of the sources', () => {
  it('stay calm: half the files under 150 lines, nine in ten under 350', () => {
    const lines = sources.map(({ text }) => countLines(text))
    expect(quantile(lines, 0.5)).toBeLessThan(150)
    expect(quantile(lines, 0.9)).toBeLessThan(350)
  })

  it('have nine functions in ten under 40 lines', () => {
    expect(quantile(functionLengths(sources), 0.9)).toBeLessThan(40)
  })

  it('have a reason at the head of every file over 400 lines', () => {
    expect(lengthFaults(sources)).toEqual([])
  })

  // What two adapters share is not the size of one: `adapters/node`, and the files of `fetch` that Hono's adapter uses.
  it.each(['express', 'fastify', 'hono', 'fetch'])('keep the adapter of %s within 120 lines of code', (name) => {
    const graph = fileGraph(sources)
    const folder = `src/adapters/${name}/`
    const shared = new Set([...graph].flatMap(([file, targets]) => (file.startsWith(folder) ? [] : targets)))
    const files = sources.filter(({ file }) => file.startsWith(folder) && !shared.has(file))
    expect(files).not.toEqual([])
    expect(files.map(countCode).reduce((sum, lines) => sum + lines, 0)).toBeLessThanOrEqual(120)
  })
})

describe('the measures', () => {
  it('name a long file that does not say why, and accept one that does', () => {
    const text = 'x\n'.repeat(401)
    expect(lengthFaults([{ file: 'src/a.ts', text }])).toEqual([expect.stringContaining('src/a.ts has 401 lines')])
    expect(lengthFaults([{ file: 'src/a.ts', text: `// ${WHY_LONG} of a table.\n${text}` }])).toEqual([])
    expect(lengthFaults([{ file: 'src/a.ts', text: 'x\n'.repeat(400) }])).toEqual([])
  })

  it('count code without comments, imports and empty lines', () => {
    const text = 'import {\n  b,\n} from "b"\n/** one\n * two */\nconst a = 1 // three\n\n// four\nexport { a }\n'
    expect(countCode(parseFile({ file: 'a.ts', text }))).toBe(2)
  })

  it('measure functions of every kind', () => {
    const text = 'function a() {\n}\nconst b = () => {\n\n}\nclass C {\n  d() {}\n}\n'
    expect([...functionLengths([parseFile({ file: 'a.ts', text })])].sort()).toEqual([1, 2, 3])
  })

  it('find quantiles', () => {
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3)
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(10)
    expect(quantile([], 0.5)).toBe(0)
  })
})
