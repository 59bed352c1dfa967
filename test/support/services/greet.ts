import { connect } from 'node:net'

/**
 * Says one thing to a server and gives what it answers first.
 *
 * @returns its first bytes as text; `''` when it does not answer within the time
 */
export function greet(port: number, host: string, hello: string, timeoutMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const end = (answer: string) => {
      resolve(answer)
      socket.destroy()
    }
    socket.setTimeout(timeoutMs, () => end(''))
    socket.once('connect', () => socket.write(hello, 'latin1'))
    socket.once('data', (bytes) => end(bytes.toString('latin1')))
    socket.once('error', () => end(''))
    socket.once('close', () => end(''))
  })
}
