import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { fencesOf } from './markdown.ts'
import { lineOf, root, type SourceFile } from './sources.ts'
import { node, tsc } from './tarball.ts'

/** A piece of TypeScript somebody will copy. */
export interface Sample {
  /** Where it is written: the file and the line of its first line of code. */
  readonly file: string
  readonly line: number
  readonly code: string
}

/** The blocks of a page that are TypeScript. */
export function pageSamples({ file, text }: SourceFile): readonly Sample[] {
  return fencesOf(text)
    .filter(({ info }) => info === 'ts')
    .map(({ code, line }) => ({ file, line, code }))
}

/** Blocks of a page that would escape the compiler: TypeScript or JavaScript by another name, or with words after it. */
export function escapedSamples({ file, text }: SourceFile): readonly string[] {
  return fencesOf(text)
    .filter(({ info }) => info !== 'ts' && /^(ts|js|typescript|javascript|tsx|jsx|mts|mjs)\b/i.test(info))
    .map(({ info, line }) => `${file}:${line}: the block is marked \`${info}\`; mark it \`ts\`, so that it is compiled`)
}

/** The `@example`s of a source file's doc comments. One that has no `ts` block is a fault of its own. */
export function exampleSamples({ file, text }: SourceFile): readonly Sample[] {
  return parseSync(file, text).comments.flatMap(({ type, value, start }) => {
    if (type !== 'Block' || !value.startsWith('*')) return []
    const first = lineOf(text, start)
    const plain = value.replace(/^[ \t]*\* ?/gm, '')
    const parts = plain.split(/^(?=@\w)/m)
    let line = first
    return parts.flatMap((part) => {
      const from = line
      line += part.split('\n').length - 1
      if (!part.startsWith('@example')) return []
      const [fence] = fencesOf(part).filter(({ info }) => info === 'ts')
      if (fence === undefined) throw new SyntaxError(`${file}:${from}: the \`@example\` has no \`ts\` block`)
      return [{ file, line: from + fence.line - 1, code: fence.code }]
    })
  })
}

/** True for a sample that must also run, and not throw. */
export function isRun({ code }: Sample): boolean {
  return /^\/\/ run\b/.test(code)
}

/** The folder the samples are compiled in: inside the repository, so that `twopi/...` and the packages are found. */
const FOLDER = 'build/samples'

/** Where a sample is written for the compiler, from the repository's folder. */
export function sampleFile(folder: string, index: number): string {
  return `${FOLDER}/${folder}/sample-${index}.ts`
}

/**
 * Compiles every sample as a module of its own, in one run.
 *
 * @param folder - a name of its own for each caller
 * @returns the faults of each sample, by file and line as written in the page or source
 */
export function compileSamples(folder: string, samples: readonly Sample[]): ReadonlyMap<Sample, readonly string[]> {
  const target = join(root, FOLDER, folder)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const [i, { code }] of samples.entries()) writeFileSync(join(root, sampleFile(folder, i)), code)
  const tsconfig = {
    extends: '../../../tsconfig.json',
    // A sample without imports is a module too.
    compilerOptions: { moduleDetection: 'force', noEmit: true },
    include: ['*.ts'],
  }
  writeFileSync(join(target, 'tsconfig.json'), JSON.stringify(tsconfig))
  const { status, output } = node(root, tsc, '-p', target, '--pretty', 'false')
  const found = faultsBySample(folder, samples, output)
  if (status !== 0 && found.size === 0) throw new Error(`The compiler failed:\n${output}`)
  return found
}

/** Reads the compiler's messages; those about other files (the sources) belong to no sample. */
export function faultsBySample(
  folder: string,
  samples: readonly Sample[],
  output: string,
): ReadonlyMap<Sample, readonly string[]> {
  const found = new Map<Sample, string[]>()
  let current: string[] | undefined
  for (const line of output.split('\n')) {
    const [, index, at, text] = new RegExp(`${folder}/sample-(\\d+)\\.ts\\((\\d+),\\d+\\): (.*)`).exec(line) ?? []
    const sample = index === undefined ? undefined : samples[Number(index)]
    if (sample !== undefined) {
      current = found.get(sample) ?? []
      found.set(sample, current)
      current.push(`${sample.file}:${sample.line + Number(at) - 1}: ${text}`)
    } else if (line.startsWith(' ')) {
      current?.push(line)
    } else {
      current = undefined
    }
  }
  return found
}
