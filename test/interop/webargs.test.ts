import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overSocket, type Send } from '../conformance/http/transport.ts'
import { type ArgsApp, argsApps } from '../conformance/webargs/arg-apps.ts'
import { groups } from './webargs-requests.ts'
import { routes } from './webargs-routes.ts'
import type { Sample } from './webargs-sample.ts'

const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'
const installed = spawnSync(PYTHON, ['-c', 'import flask, webargs, marshmallow']).status === 0
const title = 'Flask with webargs 8'

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** The ids of the table in the docs, in order. */
const rows = differencesInDocs()

describe('the table of differences from webargs', () => {
  const used = new Set(
    Object.values(groups)
      .flat()
      .flatMap(({ differs }) => differs ?? []),
  )

  it('has rows, each of its own name', () => {
    expect(rows.length).toBeGreaterThan(10)
    expect(new Set(rows).size).toBe(rows.length)
  })

  it('is held against hundreds of requests, most of which are answered alike', () => {
    const all = Object.values(groups).flat()
    expect(all.length).toBeGreaterThan(1000)
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
    expect(all.filter(({ differs }) => differs === undefined).length).toBeGreaterThan(all.length * 0.7)
  })

  it('has the rows that requests name, and no other', () => {
    expect([...used].sort()).toEqual([...rows].sort())
  })
})

if (!installed && !process.env['CI']) {
  describe.skip(`${title} (install python3-flask, python3-webargs and python3-marshmallow)`, () => {
    it('answers as every adapter does', () => {})
  })
} else {
  describe(title, () => {
    let server: ChildProcess
    let webargs: Send
    const ours = new Map<string, Send>()
    const open: ArgsApp[] = []

    beforeAll(async () => {
      const program = fileURLToPath(new URL('./webargs-app.py', import.meta.url))
      server = spawn(PYTHON, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
      if (server.stdout === null) throw new Error('no standard output')
      const [line] = await once(createInterface(server.stdout), 'line')
      const started = JSON.parse(String(line)) as { port: number; versions: Readonly<Record<string, string>> }
      expect(started.versions['webargs']).toMatch(/^8\./)
      webargs = overSocket(`http://127.0.0.1:${started.port}`)
      for (const [name, create] of Object.entries(argsApps)) {
        const app = await create(routes)
        open.push(app)
        ours.set(name, overSocket(app.origin))
      }
    })

    afterAll(async () => {
      for (const app of open) await app.close()
      if (server.kill()) await once(server, 'exit')
    })

    it.each(Object.keys(groups))(
      'answers as every adapter does, but for rows of the table: %s',
      async (group) => {
        const faults: string[] = []
        for (const sample of groups[group] as readonly Sample[]) faults.push(...(await faultsOf(sample)))
        expect(faults).toEqual([])
      },
      120_000,
    )

    /** What does not hold of one request. */
    async function faultsOf(sample: Sample): Promise<readonly string[]> {
      const faults: string[] = []
      const note = (fault: string, ...answers: readonly unknown[]) =>
        faults.push(
          `${sample.title}: ${fault} ${answers.map((answer) => JSON.stringify(answer).slice(0, 300)).join(' / ')}`,
        )
      const theirs = await answerOf(webargs, sample)
      let first: Answer | undefined
      for (const [name, send] of ours) {
        const answer = await answerOf(send, sample)
        const tagged = sample.differs !== undefined && (sample.only?.includes(name) ?? true)
        const same = isDeepStrictEqual(answer, theirs)
        if (!tagged && !same) note(`differs on ${name}, and no row says why:`, theirs, answer)
        if (tagged && same) note(`does not differ on ${name}, though row "${sample.differs}" says so:`, answer)
        if (!tagged) continue
        if (sample.ownWords === name) expect(answer.status).toBe(first?.status)
        else first ??= answer
        if (sample.ownWords !== name && !isDeepStrictEqual(answer, first))
          note(`is answered otherwise on ${name}:`, first, answer)
        if (answer.status >= 500) note(`fails on ${name}:`, answer)
      }
      return faults
    }
  })
}

async function answerOf(send: Send, sample: Sample): Promise<Answer> {
  const { status, text } = await send(sample)
  try {
    // Python keeps the sign of zero, which JSON.stringify does not write.
    return { status, body: JSON.parse(text, (_key, value) => (value === 0 ? 0 : value)) as unknown }
  } catch {
    return { status, body: text }
  }
}

function differencesInDocs(): readonly string[] {
  const page = readFileSync(new URL('../../docs/webargs.md', import.meta.url), 'utf8')
  const [, table = ''] = page.split('\nWhat differs from webargs')
  return [...table.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id as string)
}
