// Runs the benches: node bench/run.mjs [--only token|http|db|webargs|tasks] [--quick] [--cpu]. Needs what `npm run build` makes.
//   --quick  few short rounds, for who works on the code; writes no README
//   --cpu    by processor time instead of the wall clock, for a machine that others use at the same time
import { parseArgs } from 'node:util'
import { compare, compareTurns } from './lib/compare.mjs'
import { machine, tables, writeResults } from './lib/report.mjs'

const benches = ['token', 'http', 'db', 'webargs', 'tasks']
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    cpu: { type: 'boolean', default: false },
  },
})
if (values.only !== undefined && !benches.includes(values.only)) {
  throw new TypeError(`--only must be one of ${benches.join(', ')}, found '${values.only}'.`)
}

const { rounds, milliseconds } = values.quick ? { rounds: 5, milliseconds: 60 } : { rounds: 21, milliseconds: 100 }
const now = values.cpu ? cpuTime : () => performance.now()
const clock = values.cpu ? 'processor time of all threads' : 'by the wall clock'
const how = `${rounds} rounds of ${milliseconds} ms for each contender, ${clock}.`

for (const name of values.only === undefined ? benches : [values.only]) {
  const { packages, questions } = await import(`./${name}/bench.mjs`)
  const results = []
  const report = (text) => {
    results.push(text)
    console.log(text)
  }
  report(`${machine(packages)} ${how}\n`)
  for await (const question of await questions()) {
    const onRound = (round) => console.error(`${name}: ${question.title}: round ${round} of ${rounds}`)
    const { turns, contenders } = question
    const measured =
      turns === undefined
        ? await compare(contenders, { rounds, milliseconds, now, onRound })
        : await compareTurns(turns, { rounds, onRound })
    report(tables(question, measured))
  }
  if (!values.quick) writeResults(new URL(`./${name}/README.md`, import.meta.url), results.join('\n'))
}

/** Counts the work of other threads too, such as WebCrypto's and the garbage collector's, but not the waiting for them. */
function cpuTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
