import { describe, expect, it } from 'vitest'
import { compileSamples } from './samples.ts'

const head = `import { createCelery } from 'twopi/celery'
import { z } from 'zod'
const celery = createCelery('school')
const report = celery.task('report', async (_context, classId: string, copies: number) => ({ pages: copies, classId }))
const mail = celery.task('mail', { kwargs: z.object({ to: z.string() }) }, (_context, id: string) => id)
`

/** A mistake in the last line, and what the compiler must say of it. */
const mistakes = [
  ["report.delay('42')", 'Expected 2 arguments, but got 1.'],
  ['report.delay(42, 1)', "Argument of type 'number' is not assignable to parameter of type 'string'."],
  [
    "report.applyAsync(['42'])",
    "Argument of type '[string]' is not assignable to parameter of type '[classId: string, copies: number]'.",
  ],
  ["report.applyAsync(['42', 1], { countDown: 5 })", "Did you mean to write 'countdown'?"],
  ["mail.delay('1')", 'this task needs keyword arguments: call applyAsync([…], { kwargs: { … } })'],
  ["mail.applyAsync(['1'], { kwargs: { too: 'a' } })", "'too' does not exist in type '{ to: string; }'"],
  ["celery.task('x', { max_retries: 3 }, () => 1)", "Did you mean to write 'maxRetries'?"],
  ["celery.task('x', (a: string) => a)", "Types of parameters 'a' and 'context' are incompatible."],
  ['report.s(3).delay(1)', "Argument of type 'number' is not assignable to parameter of type 'string'."],
  ["void (async () => (await (await report.delay('1', 2)).get()).page)", "Did you mean 'pages'?"],
  ['celery.worker({ concurency: 3 })', "Did you mean to write 'concurrency'?"],
] as const

const samples = mistakes.map(([code]) => ({ file: code, line: 1, code: `${head}${code}\n` }))
const said = compileSamples('celery-messages', samples)

describe('the compiler, of a mistake with tasks,', () => {
  it.each(mistakes.map(([code, text], i) => [code, text, i] as const))('%s, says it in its words', (code, text, i) => {
    const sample = samples[i]
    const faults = sample === undefined ? [] : (said.get(sample) ?? [])
    expect(faults.join('\n')).toContain(text)
    // One message, in the line with the mistake.
    expect(faults.filter((fault) => fault.includes('error TS'))).toEqual([expect.stringContaining(`${code}:6: `)])
  })
})
