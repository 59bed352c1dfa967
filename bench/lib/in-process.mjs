// One request to each framework without a socket: what is measured is the framework and what stands on it, not the kernel.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import express from 'express'

/** @typedef {{ url: string, headers: Record<string, string> }} Call */
/** Every caller gives a function of a {@link Call} that resolves to the status and the text of the body. */

/** Without `ETag`s, which `res.json()` computes at some cost and a view does not send: they would flatter the view. */
export const plainExpress = () => express().disable('etag')

/**
 * Calls an Express application with Node's own request and response. The response is written in full, headers too, to a
 * socket that leads nowhere, as Fastify's `inject` does it.
 */
export function expressCaller(app) {
  return ({ url, headers }) =>
    new Promise((resolve, reject) => {
      const chunks = []
      const socket = new Writable({
        write(chunk, _encoding, done) {
          chunks.push(chunk)
          done()
        },
      })
      const req = new IncomingMessage(socket)
      req.method = 'GET'
      req.url = url
      req.headers = headers
      req.rawHeaders = Object.entries(headers).flat()
      req.push(null)
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
  return async ({ url, headers }) => {
    const { statusCode, payload } = await app.inject({ method: 'GET', url, headers })
    return { status: statusCode, body: payload }
  }
}

export function fetchCaller(handle) {
  return async ({ url, headers }) => {
    const response = await handle(new Request(`http://localhost${url}`, { headers }))
    return { status: response.status, body: await response.text() }
  }
}
