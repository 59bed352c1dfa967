// What does a view add to a request of the bare framework, and what does a protected one, beside the framework's usual middleware?
import assert from 'node:assert/strict'
import { addedRatio, ratio } from '../lib/compare.mjs'
import { addedMicroseconds, microseconds, times } from '../lib/report.mjs'
import { claims, expired, forged, inTurn, signed } from '../token/tokens.mjs'
import { names } from './names.mjs'
import { bodyOf, protectedApps } from './protected.mjs'
import { bareAndView, data } from './view.mjs'

const { BARE, VIEW, PROTECTED } = names
const columns = [microseconds, { ...times, head: '× bare' }, addedMicroseconds]
const url = '/classes/42?page=2'

export const packages = ['express', 'fastify', 'hono', 'zod', 'express-jwt', '@fastify/jwt', 'light-my-request']

export async function questions() {
  const views = []
  for (const [framework, callers] of Object.entries(await bareAndView()))
    views.push(await viewQuestion(framework, callers))
  const guarded = []
  for (const [framework, apps] of Object.entries(await protectedApps())) {
    guarded.push(await protectedQuestion(framework, apps))
  }
  return [...views, ...guarded]
}

async function viewQuestion(framework, callers) {
  const call = { url, headers: { host: 'localhost', accept: 'application/json' } }
  for (const [name, request] of Object.entries(callers)) {
    const { status, body } = await request(call)
    assert.deepEqual({ status, body: JSON.parse(body) }, { status: 200, body: data }, `${framework}, ${name}`)
  }
  return {
    title: `${framework}: a view`,
    base: BARE,
    columns,
    contenders: Object.entries(callers).map(([name, request]) => ({ name, run: () => request(call) })),
    goals: [{ text: 'a view adds less than 15 %', measure: (all) => ratio(all, VIEW, BARE), most: 1.15 }],
  }
}

async function protectedQuestion(framework, { callers, goal }) {
  const calls = claims.map((payload) => callWith(signed('HS256', payload)))
  for (const [name, request] of Object.entries(callers)) {
    for (const [i, call] of calls.entries()) {
      const { status, body } = await request(call)
      // The bare application knows no token, so it names the first user to everybody.
      const expected = bodyOf(name === BARE ? claims[0].user_id : claims[i].user_id)
      assert.deepEqual({ status, body: JSON.parse(body) }, { status: 200, body: expected }, `${framework}, ${name}`)
    }
    if (name === BARE) continue
    for (const bad of [
      callWith(forged('HS256')),
      callWith(expired('HS256')),
      { url, headers: { host: 'localhost' } },
    ]) {
      assert.equal((await request(bad)).status, 401, `${framework}, ${name} lets a bad token pass`)
    }
  }
  return {
    title: `${framework}: a protected view`,
    base: BARE,
    columns,
    contenders: Object.entries(callers).map(([name, request]) => ({ name, run: inTurn(calls, request) })),
    goals: [{ ...goal, measure: (all) => addedRatio(all, PROTECTED, goal.peer, BARE) }],
  }
}

const callWith = (token) => ({ url, headers: { host: 'localhost', authorization: `Bearer ${token}` } })
