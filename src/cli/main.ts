#!/usr/bin/env node
import type { Emphasis } from './help.ts'
import { run } from './run.ts'

function emphasisFor(stream: NodeJS.WriteStream): Emphasis {
  const { NO_COLOR, TERM } = process.env
  const hasColours = stream.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
  return hasColours ? (text) => `\u001b[1m${text}\u001b[22m` : (text) => text
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe went away (`twopi ... | head -1`): it has seen enough, and that is no failure.
    if (error.code !== 'EPIPE') throw error
  })
}

// Not `process.exit`: it would cut off what is still on its way into a pipe.
process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  strong: { out: emphasisFor(process.stdout), note: emphasisFor(process.stderr) },
})
