import type { TlsSettings } from '../brokers/broker-address.ts'

const verifies: Readonly<Record<string, TlsSettings['verify']>> = {
  CERT_REQUIRED: 'required',
  required: 'required',
  2: 'required', // Python's constants
  true: 'required',
  CERT_OPTIONAL: 'optional',
  optional: 'optional',
  1: 'optional',
  CERT_NONE: 'none',
  none: 'none',
  0: 'none',
  false: 'none',
}

const known = ['cert_reqs', 'ca_certs', 'certfile', 'keyfile', 'check_hostname']

/**
 * Reads the `ssl_…` parameters of a URL, or the object of `broker_use_ssl` and `redis_backend_use_ssl`, by the names of
 * Python's `ssl` with or without `ssl_` before them. Certificates are checked unless it is said that they are not: kombu
 * does not check those of `rediss://` when nothing is said.
 *
 * @param values - `true`, or the object
 * @param problem - told of every mistake
 */
export function readTls(
  values: true | Readonly<Record<string, unknown>>,
  problem: (text: string) => void,
): TlsSettings {
  const given = new Map<string, unknown>()
  for (const [name, value] of Object.entries(values === true ? {} : values)) {
    const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^ssl_/, '')
    if (known.includes(key)) given.set(key, value)
    else problem(`\`${name}\` is no setting of TLS here; known are ${known.map((one) => `ssl_${one}`).join(', ')}`)
  }
  const file = (key: string): string | undefined => {
    const value = given.get(key)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string' && value !== '') return value
    problem(`\`ssl_${key}\` must be the path of a file, found ${typeof value}`)
    return undefined
  }
  const verify = verifies[String(given.get('cert_reqs') ?? 'required')]
  if (verify === undefined) problem("`ssl_cert_reqs` must be 'required', 'optional' or 'none', found something else")
  return {
    verify: verify ?? 'required',
    checkHostname: String(given.get('check_hostname') ?? true).toLowerCase() !== 'false',
    caFile: file('ca_certs'),
    certFile: file('certfile'),
    keyFile: file('keyfile'),
  }
}
