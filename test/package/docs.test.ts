import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { anchorsOf, cellsOf, fencesOf, linkFaults } from './markdown.ts'
import {
  compileSamples,
  escapedSamples,
  exampleSamples,
  faultsBySample,
  isRun,
  pageSamples,
  type Sample,
  sampleFile,
} from './samples.ts'
import { readFiles, root } from './sources.ts'

const topPages = readdirSync(root)
  .filter((name) => name.endsWith('.md'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
const pages = [...topPages, ...readFiles('docs', '.md')]
const allPages = [...pages, ...readFiles('bench', '.md'), ...readFiles('examples', '.md')]
const samples = [...pages.flatMap(pageSamples), ...readFiles('src', '.ts').flatMap(exampleSamples)]
const place = ({ file, line }: Sample) => `${file}:${line}`

describe('the samples in the docs and the examples in the sources', () => {
  let faults: ReadonlyMap<Sample, readonly string[]> = new Map()
  beforeAll(() => {
    faults = compileSamples('docs', samples)
  }, 120_000)

  it('are all found by the compiler', () => {
    expect(samples).not.toEqual([])
    expect(pages.flatMap(escapedSamples)).toEqual([])
  })

  it.each(samples.map((sample) => [place(sample), sample] as const))('%s compiles on its own', (_place, sample) => {
    expect(faults.get(sample) ?? []).toEqual([])
  })

  const running = samples.map((sample, i) => [place(sample), sample, i] as const).filter(([, sample]) => isRun(sample))
  it.each(running)('%s runs', async (_place, _sample, i) => {
    await import(/* @vite-ignore */ pathToFileURL(join(root, sampleFile('docs', i))).href)
  })
})

describe('the links of the pages', () => {
  it('lead to files and headings that exist', () => {
    expect(linkFaults(allPages, (path) => existsSync(join(root, path)))).toEqual([])
  })
})

describe('the checks of the docs find', () => {
  it('a sample that does not compile, by the line in its page', () => {
    const text = [
      '# Page',
      '',
      '```ts',
      'export const a = 1',
      'const b: string = a',
      '```',
      '',
      '```ts',
      'c()',
      '```',
    ].join('\n')
    const planted = pageSamples({ file: 'docs/page.md', text })
    const found = [...compileSamples('planted', planted).values()].flat()
    expect(found).toEqual([
      expect.stringMatching(/^docs\/page\.md:5: error TS2322/),
      expect.stringMatching(/^docs\/page\.md:9: error TS2304/),
    ])
  })

  it('an example that does not compile, by the line in its source', () => {
    const text = [
      'export const a = 1',
      '/**',
      ' * Says what it does.',
      ' *',
      ' * @param x - something',
      ' * @example',
      ' * ```ts',
      " * import { nothing } from 'twopi'",
      ' * ```',
      ' * @returns more',
      ' */',
      'export const b = 2',
    ].join('\n')
    const [sample] = exampleSamples({ file: 'src/a.ts', text })
    expect(sample).toEqual({ file: 'src/a.ts', line: 8, code: "import { nothing } from 'twopi'\n" })
  })

  it('an example without a block', () => {
    const text = '/**\n * @example a()\n */\nexport const a = 1'
    expect(() => exampleSamples({ file: 'src/a.ts', text })).toThrow('src/a.ts:2: the `@example` has no `ts` block')
  })

  it('every line of a message, and no message about other files', () => {
    const sample = { file: 'docs/a.md', line: 10, code: '' }
    const output = [
      'build/samples/x/sample-0.ts(2,1): error TS1: first',
      '  and more',
      'src/a.ts(1,1): error TS2: another',
      '  and more of it',
    ].join('\n')
    expect([...faultsBySample('x', [sample], output)]).toEqual([
      [sample, ['docs/a.md:11: error TS1: first', '  and more']],
    ])
  })

  it('blocks that would escape the compiler', () => {
    const block = (info: string) => `\`\`\`${info}\ncode\n\`\`\`\n`
    const text = ['ts', 'ts fragment', 'typescript', 'js', 'sh', 'json', ''].map(block).join('\n')
    expect(escapedSamples({ file: 'a.md', text }).map((fault) => fault.split(';')[0])).toEqual([
      'a.md:6: the block is marked `ts fragment`',
      'a.md:10: the block is marked `typescript`',
      'a.md:14: the block is marked `js`',
    ])
  })

  it('a block without an end', () => {
    expect(() => fencesOf('text\n```ts\ncode\n')).toThrow('the block that starts before line 3 has no end')
  })

  it('blocks inside lists and blocks that show blocks', () => {
    const text = ['- item', '  ```ts', '  a', '    b', '  ```', '````md', '```ts', 'c', '```', '````'].join('\n')
    expect(fencesOf(text)).toEqual([
      { info: 'ts', code: 'a\n  b\n', line: 3 },
      { info: 'md', code: '```ts\nc\n```\n', line: 7 },
    ])
  })

  it('samples that are to run', () => {
    const sample = (code: string) => ({ file: 'a', line: 1, code })
    expect([sample('// run\na()'), sample('a()\n// run'), sample('// running')].map(isRun)).toEqual([
      true,
      false,
      false,
    ])
  })

  it('dead links and dead anchors, by line', () => {
    const planted = [
      { file: 'README.md', text: '# One\n[a](docs/a.md) [b](docs/gone.md)\n[web](https://example.org/x) [c](#two)' },
      {
        file: 'docs/a.md',
        text: '## `Two` & three!\n[up](../README.md#one) [here](#two--three) [no](../README.md#no)',
      },
      {
        file: 'docs/b.md',
        text: '[out](../../elsewhere.md)\n```\n[code](nowhere.md)\n```\n`[code](nowhere.md)`\n\n[r]: gone.md',
      },
    ]
    const files = planted.map(({ file }) => file)
    expect(linkFaults(planted, (path) => files.includes(path))).toEqual([
      'README.md:2: the link `docs/gone.md` leads to docs/gone.md, which does not exist',
      'README.md:3: the link `#two` names a heading that README.md does not have',
      'docs/a.md:2: the link `../README.md#no` names a heading that README.md does not have',
      'docs/b.md:1: the link `../../elsewhere.md` leaves the repository',
      'docs/b.md:7: the link `gone.md` leads to docs/gone.md, which does not exist',
    ])
  })

  it('the anchors of headings as GitHub makes them', () => {
    const text = "# What's `a.b()`?\n## Twice\n## Twice\n```\n# not one\n```\n### [Link](x.md) — end"
    expect([...anchorsOf(text)]).toEqual(['whats-ab', 'twice', 'twice-1', 'link--end'])
  })

  it('the cells of a table row', () => {
    expect(cellsOf('| a | `b \\| c` | |')).toEqual(['a', '`b | c`', ''])
    expect(cellsOf('no table')).toBeUndefined()
  })
})
