// What does it cost to take arguments, beside asking the validator by hand and beside what most people use?
import assert from 'node:assert/strict'
import { added, ratio } from '../lib/compare.mjs'
import { addedMicroseconds, microseconds, times } from '../lib/report.mjs'
import { inTurn } from '../token/tokens.mjs'
import { badBodies, bodies, callWith } from './bodies.mjs'
import { applications, names, steps } from './contenders.mjs'

const { BARE, VIEW, BY_HAND, IN_VIEW, ARGS, EXPRESS_VALIDATOR, ZOD_VALIDATOR } = names
const columns = [microseconds, { ...times, head: '× bare' }, addedMicroseconds]

export const packages = [
  ...['express', 'fastify', 'hono', 'zod', '@hono/zod-validator', 'express-validator', 'ajv', 'light-my-request'],
]

export async function questions() {
  const calls = bodies.map(callWith)
  const list = [await stepQuestion()]
  for (const [framework, callers] of Object.entries(applications())) {
    for (const [name, request] of Object.entries(callers))
      await assertEqualAnswers(`${framework}, ${name}`, name, request)
    list.push({
      title: `${framework}: a body of five fields`,
      base: BARE,
      columns,
      contenders: Object.entries(callers).map(([name, request]) => ({ name, run: inTurn(calls, request) })),
      goals: [
        {
          text: 'at most 10 % over the bare validator call in the same view',
          measure: (all) => ratio(all, ARGS, IN_VIEW),
          most: 1.1,
        },
        ...goalsBeside(framework),
      ],
    })
  }
  return list
}

async function stepQuestion() {
  const texts = bodies.map((body) => JSON.stringify(body))
  const contenders = Object.entries(steps()).map(([name, run]) => ({ name, run: inTurn(texts, run) }))
  for (const { name, run } of contenders) for (const body of bodies) assert.deepEqual(await run(), body, name)
  return {
    title: 'No framework: from the text of a body to `args`',
    base: BY_HAND,
    columns: [microseconds, { ...times, head: '× by hand' }, addedMicroseconds],
    contenders,
    goals: [{ text: 'adds less than 1 µs', measure: (all) => added(all, ARGS, BY_HAND), most: 1, unit: 'µs' }],
  }
}

function goalsBeside(framework) {
  switch (framework) {
    case 'Express':
      return [
        {
          text: 'at least 1.5 × as fast as express-validator',
          measure: (all) => ratio(all, EXPRESS_VALIDATOR, ARGS),
          least: 1.5,
        },
      ]
    case 'Hono':
      return [
        {
          text: 'never slower than @hono/zod-validator',
          measure: (all) => ratio(all, ARGS, ZOD_VALIDATOR),
          most: 1,
          why: 'the rounds lie on both sides of 1. A view reads the body itself, with a limit, without prototypes and without rounding integers; the other one leaves all of that to `c.req.json()`.',
        },
      ]
    default:
      return []
  }
}

/** The same body for all good requests, a refusal for all bad ones; those that check nothing are only asked the good ones. */
async function assertEqualAnswers(title, name, request) {
  for (const body of bodies) {
    const answer = await request(callWith(body))
    assert.deepEqual({ status: answer.status, body: JSON.parse(answer.body) }, { status: 200, body }, title)
  }
  if (name === BARE || name === VIEW) return
  for (const body of badBodies) {
    const { status } = await request(callWith(body))
    assert.ok(status === 422 || status === 400, `${title} lets ${JSON.stringify(body)} pass with ${status}`)
  }
}
