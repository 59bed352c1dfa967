// Compares contenders fairly on a noisy machine. Every round runs all of them, in random order; a ratio is taken inside its
// round, and the median over the rounds is the result. Absolute speeds move by a third on a shared machine; ratios do not.

/** Calls between two looks at the clock, because looking costs too. */
const BATCH = 16
/** A turn is measured in slices, so that somebody else's burst of work spoils a slice and not the turn. */
const SLICES = 10
/** Turns before the first round: compilers are still at work in them. */
const WARM_UP = 5

/**
 * @param {readonly { name: string, run: () => unknown }[]} contenders - `run` does the work once
 * @param {object} options
 * @param {number} options.rounds
 * @param {number} options.milliseconds - how long each contender runs in each round
 * @param {() => number} [options.now] - milliseconds, as `performance.now`
 * @param {(round: number) => void} [options.onRound]
 * @returns {Promise<Map<string, number[]>>} microseconds of one call, by contender and round
 */
export async function compare(contenders, { rounds, milliseconds, now = () => performance.now(), onRound }) {
  const times = new Map(contenders.map(({ name }) => [name, []]))
  for (let i = 0; i < WARM_UP; i++) for (const { run } of contenders) await turn(run, milliseconds, now)
  for (let round = 1; round <= rounds; round++) {
    onRound?.(round)
    for (const { name, run } of shuffled(contenders)) times.get(name).push(await turn(run, milliseconds, now))
  }
  return times
}

/**
 * The same for contenders whose turns are long and measured by themselves.
 *
 * @param {Readonly<Record<string, () => Promise<number>>>} turns - each gives the microseconds of one piece of its work
 * @param {{ rounds: number, onRound?: (round: number) => void }} options
 * @returns {Promise<Map<string, number[]>>} microseconds, by contender and round
 */
export async function compareTurns(turns, { rounds, onRound }) {
  const contenders = Object.entries(turns)
  const times = new Map(contenders.map(([name]) => [name, []]))
  for (const [, turn] of contenders) await turn()
  for (let round = 1; round <= rounds; round++) {
    onRound?.(round)
    for (const [name, turn] of shuffled(contenders)) times.get(name).push(await turn())
  }
  return times
}

/** The time of `name` divided by that of `base`, round by round. */
export const ratio = (times, name, base) => summary(times.get(name).map((time, i) => time / times.get(base)[i]))

/** The microseconds that `name` takes longer than `bare`, round by round. */
export const added = (times, name, bare) => summary(differences(times, name, bare))

/** What `name` adds to `bare`, divided by what `peer` adds to the bare one of its own kind, round by round. */
export function addedRatio(times, name, peer, bare) {
  const theirs = differences(times, peer, bare)
  return summary(differences(times, name, bare).map((own, i) => own / theirs[i]))
}

/** @returns {{ median: number, low: number, high: number }} */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: median(sorted), low: sorted[0], high: sorted[sorted.length - 1] }
}

const differences = (times, name, bare) => times.get(name).map((time, i) => time - times.get(bare)[i])

/** Microseconds of one call: the median of the slices of a turn. One call at a time, also when they give promises. */
async function turn(run, milliseconds, now) {
  const slices = []
  for (let slice = 0; slice < SLICES; slice++) {
    const start = now()
    const until = start + milliseconds / SLICES
    let end = start
    let calls = 0
    while (end < until) {
      let result
      for (let i = 0; i < BATCH; i++) {
        result = run()
        if (isPromise(result)) await result
      }
      // What frameworks leave for the next turn of the event loop, or every request would stay in memory.
      if (isPromise(result)) await nextTurn()
      calls += BATCH
      end = now()
    }
    slices.push(((end - start) * 1000) / calls)
  }
  return median(slices.sort((a, b) => a - b))
}

const isPromise = (value) => typeof value === 'object' && value !== null && typeof value.then === 'function'
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

function shuffled(list) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}

function median(sorted) {
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
