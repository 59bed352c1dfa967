// As those of ../lib/in-process.mjs, for requests that have a body.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'

/** @typedef {{ method: string, url: string, headers: Record<string, string>, body: string }} Call */

/** Calls an Express application with Node's own request and response; the body arrives as it does from a socket. */
export function expressCaller(app) {
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const chunks = []
      const socket = new Duplex({
        // body-parser takes a request for read when its socket cannot be read.
        read() {},
        write(chunk, _encoding, done) {
          chunks.push(chunk)
          done()
        },
      })
      const req = new IncomingMessage(socket)
      req.method = method
      req.url = url
      req.headers = headers
      req.rawHeaders = Object.entries(headers).flat()
      req.push(Buffer.from(body))
      req.push(null)
      req.complete = true
      const res = new ServerResponse(req)
      res.assignSocket(socket)
      res.on('finish', () => resolve({ status: res.statusCode, body: bodyOf(chunks) }))
      app(req, res, reject)
    })
}

function bodyOf(chunks) {
  const text = Buffer.concat(chunks).toString()
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

export function fastifyCaller(app) {
  return async ({ method, url, headers, body }) => {
    const { statusCode, payload } = await app.inject({ method, url, headers, payload: body })
    return { status: statusCode, body: payload }
  }
}

export function fetchCaller(handle) {
  return async ({ method, url, headers, body }) => {
    const response = await handle(new Request(`http://localhost${url}`, { method, headers, body }))
    return { status: response.status, body: await response.text() }
  }
}
