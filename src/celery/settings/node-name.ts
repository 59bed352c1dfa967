import { hostname as thisHost } from 'node:os'

/**
 * The name of a worker, from what `-n` says: `celery@<host>` without anything, `w1@<host>` for `w1@%h`. `%h` is the full name of
 * the host, `%n` its name without, `%d` its domain, `%i` and `%I` the number of the process (none here).
 * Two workers of one name confuse remote control.
 *
 * @param pattern - as on the command line; default `celery@%h`
 * @param host - default: this machine's name
 * @throws TypeError for another letter after `%`
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#starting-the-worker
 */
export function nodeName(pattern = '', host: string = thisHost()): string {
  const [name, given] = splitNodeName(pattern)
  return expand(`${name || 'celery'}@${given || host}`, host, undefined)
}

/** The name of a process that is no worker, as messages say where they are from: `gen<pid>@<host>`. */
export function anonymousNodeName(pid: number = process.pid, host: string = thisHost()): string {
  return `gen${pid}@${host}`
}

/** Name and host of a node's name; of a text without `@` it is the host. */
function splitNodeName(name: string): readonly [name: string | undefined, host: string] {
  const at = name.indexOf('@')
  return at === -1 ? [undefined, name] : [name.slice(0, at), name.slice(at + 1)]
}

/** Expands the same letters in the name of a file for this node; `%n` is then the node's own name, `%p` the whole of it. */
export function formatForNode(text: string, node: string): string {
  const [name, host] = splitNodeName(node)
  return expand(text, host || thisHost(), name || 'celery', { p: node })
}

function expand(
  text: string,
  host: string,
  name: string | undefined,
  more: Readonly<Record<string, string>> = {},
): string {
  const dot = host.indexOf('.')
  const short = dot === -1 ? host : host.slice(0, dot)
  const values: Readonly<Record<string, string>> = {
    h: host,
    n: name || short,
    d: dot === -1 ? '' : host.slice(dot + 1),
    i: '0',
    I: '',
    ...more,
  }
  return text.replace(/%(\w)/g, (_, letter: string) => {
    const value = values[letter]
    if (value !== undefined) return value
    throw new TypeError(
      `\`%${letter}\` is not known in the name of a node; known are ${Object.keys(values).join(', ')}`,
    )
  })
}
