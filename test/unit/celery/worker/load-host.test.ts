import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppNotFoundError, loadHost } from '../../../../src/celery/worker/load-host.ts'

const app = '{ findTask() {}, createBroker() {}, send() {} }'
const files = {
  'one.mjs': `export const app = ${app}\nexport const other = 1\n`,
  'default.mjs': `export default ${app}\n`,
  'twice.mjs': `export const app = ${app}\nexport default app\n`,
  'two.mjs': `export const a = ${app}\nexport const b = ${app}\n`,
  'near.mjs': 'export const app = { findTask() {}, createBroker: 1, send() {} }\n',
  'nothing.mjs': '',
  'null.mjs': 'export const app = null\n',
  'broken.mjs': 'throw new RangeError("it is broken")\n',
  'c:d.mjs': `export const app = ${app}\n`,
  'tasks.txt': '',
}

describe('loading an app', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'twopi-load-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const load = (place: string) => loadHost(join(folder, place))

  it.for([
    'one.mjs',
    'one.mjs:app',
    'default.mjs',
    'default.mjs:default',
    'twice.mjs',
    'two.mjs:b',
    'c:d.mjs:app',
    'c:d.mjs',
  ])('finds the one that is exported, or named: %s', async (place) => {
    expect(await load(place)).toMatchObject({ findTask: expect.any(Function) })
  })

  it('takes the URL of a file as well', async () => {
    const url = pathToFileURL(join(folder, 'one.mjs')).href
    expect(await loadHost(url)).toBe(await loadHost(`${url}:app`))
  })

  it.for([
    ['nowhere.mjs', 'there is no file'],
    ['.', 'there is no file'],
    ['one.mjs:nothing', 'exports no app by the name `nothing`; it exports `app`, `other`'],
    ['one.mjs:other', 'exports no app by the name `other`'],
    ['one.mjs:__proto__', 'exports no app by the name `__proto__`'],
    ['one.mjs:toString', 'exports no app by the name `toString`'],
    ['two.mjs', 'exports 2 apps; name the one that is meant'],
    ['near.mjs', 'exports no app made by createCelery(); it exports `app`'],
    ['null.mjs', 'exports no app made by createCelery()'],
    ['nothing.mjs', 'it exports nothing'],
  ] as const)('says what is wrong: %s', async ([place, text]) => {
    const error = await load(place).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppNotFoundError)
    expect((error as Error).message).toContain(text)
  })

  it('throws what the module throws', async () => {
    await expect(load('broken.mjs')).rejects.toThrow(RangeError)
  })
})
