import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStatus } from '../../src/http/status.ts'
import { readBody } from '../unit/restful/read-body.ts'
import { rows } from './flask-restful-rows.ts'

const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'
const installed = spawnSync(PYTHON, ['-c', 'import flask_restful']).status === 0
const title = 'Flask-RESTful with the documented output_json'

if (!installed && !process.env['CI']) {
  describe.skip(`${title} (install python3-flask and python3-flask-restful)`, () => {
    it('answers what our rows say it does', () => {})
  })
} else {
  describe(title, () => {
    let server: ChildProcess
    let origin: string
    let texts: Readonly<Record<string, string>>

    beforeAll(async () => {
      const program = fileURLToPath(new URL('./flask-restful-app.py', import.meta.url))
      server = spawn(PYTHON, [program], { stdio: ['ignore', 'pipe', 'ignore'] })
      if (server.stdout === null) throw new Error('no standard output')
      const [line] = await once(createInterface(server.stdout), 'line')
      const started = JSON.parse(String(line))
      origin = `http://127.0.0.1:${started.port}`
      texts = started.texts
    })

    afterAll(async () => {
      if (server.kill()) await once(server, 'exit')
    })

    it.each(rows)('answers what our row $name says it does', async ({ name, twopi, original, request }) => {
      const response = await fetch(`${origin}/rows/${name}`, { ...request, redirect: 'manual' })
      const { status, body } = original ?? twopi
      expect({ status: response.status, body: readBody(await response.text()) }).toEqual({ status, body })
      if (body !== undefined && !['response', 'unknown-route'].includes(name)) {
        expect(response.headers.get('content-type')).toBe('application/json')
      }
      if (name === 'wrong-method') {
        expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS'])
      }
      if (name === 'headers') expect(response.headers.get('x-total')).toBe('3')
    })

    it('has the texts of our errors', () => {
      // Of an error that nobody foresaw, Flask-RESTful says this instead, and so do we.
      const { 500: ours, ...others } = Object.fromEntries(
        Object.keys(texts).map((status) => [status, describeStatus(Number(status))]),
      )
      expect(ours).toBe('Internal Server Error')
      const { 500: _, ...theirs } = texts
      expect(others).toEqual(theirs)
    })
  })
}
