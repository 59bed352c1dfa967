// A Redis of the bench's own on a free port, without a disk, the same for all contenders.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createClient } from 'redis'

/** @returns {Promise<{ url: (db: number) => string, client: (db: number) => Promise<import('redis').RedisClientType>, close: () => Promise<void> }>} */
export async function startRedis() {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--databases', '32']
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  const clients = []
  const url = (db) => `redis://127.0.0.1:${port}/${db}`
  const client = async (db) => {
    const opened = createClient({ url: url(db) })
    opened.on('error', () => undefined)
    clients.push(opened)
    return await opened.connect()
  }
  await client(0)
  const close = async () => {
    for (const opened of clients) opened.destroy()
    server.kill('SIGKILL')
  }
  return { url, client, close }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
