import { describe, expect, it } from 'vitest'
import type { BrokerAddress } from '../../../../src/celery/brokers/broker-address.ts'
import { parseBrokerUrl } from '../../../../src/celery/settings/parse-broker-url.ts'

const redis = (url: string | string[]) => {
  const address = parseBrokerUrl(url)
  if (address.kind !== 'redis') throw new Error(address.kind)
  return address.servers
}
const amqp = (url: string | string[]) => {
  const address = parseBrokerUrl(url)
  if (address.kind !== 'amqp') throw new Error(address.kind)
  return address.servers
}
const complaint = (work: () => BrokerAddress): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof TypeError) return error.message
  }
  throw new Error('no TypeError')
}

describe('parseBrokerUrl', () => {
  it('reads credentials, host, port and database of Redis, percent-decoded', () => {
    expect(redis('redis://us%40er:p%2Fw%3A@Host:6380/3')).toEqual([
      {
        host: 'host',
        port: 6380,
        socketPath: undefined,
        db: 3,
        username: 'us@er',
        password: 'p/w:',
        tls: undefined,
        options: {},
        text: 'redis://us%40er:***@Host:6380/3',
      },
    ])
  })

  it.each([
    ['redis://', '127.0.0.1', 6379, 0],
    ['redis://h', 'h', 6379, 0],
    ['redis://h/', 'h', 6379, 0],
    ['redis://h//2', 'h', 6379, 2],
    ['redis://[::1]:7000/1', '::1', 7000, 1],
  ])('reads %s', (url, host, port, db) => {
    expect(redis(url)[0]).toMatchObject({ host, port, db })
  })

  it('reads the socket of redis+socket:// and its database', () => {
    expect(redis('redis+socket:///run/my%20redis.sock?virtual_host=3')[0]).toMatchObject({
      socketPath: '/run/my redis.sock',
      db: 3,
    })
    expect(redis('redis+socket://:pw@/run/r.sock')[0]).toMatchObject({
      socketPath: '/run/r.sock',
      db: 0,
      password: 'pw',
    })
  })

  it.each([
    ['amqp://h', '/'],
    ['amqp://h/', '/'],
    ['amqp://h//', '/'],
    ['amqp://h/%2F', '/'],
    ['amqp://h/v', 'v'],
    ['amqp://h/%2Fv', '/v'],
    ['amqp://h//v', '/v'],
    ['pyamqp://h/v%20w', 'v w'],
  ])('takes the virtual host of %s to be "%s"', (url, virtualHost) => {
    expect(amqp(url)[0]).toMatchObject({ virtualHost, username: 'guest', password: 'guest', port: 5672 })
  })

  it('reads times from a URL of RabbitMQ', () => {
    expect(amqp('amqp://h//?heartbeat=30&connect_timeout=2.5&login_method=PLAIN')[0]).toMatchObject({
      heartbeat: 30,
      connectTimeout: 2.5,
      loginMethod: 'PLAIN',
    })
  })

  it('checks certificates over TLS unless told not to', () => {
    const safe = { verify: 'required', checkHostname: true, caFile: undefined, certFile: undefined, keyFile: undefined }
    expect(redis('rediss://h')[0]?.tls).toEqual(safe)
    expect(amqp('amqps://h')[0]).toMatchObject({ tls: safe, port: 5671 })
    expect(redis('rediss://h?ssl_cert_reqs=CERT_NONE&ssl_check_hostname=False')[0]?.tls).toEqual({
      ...safe,
      verify: 'none',
      checkHostname: false,
    })
    expect(redis('rediss://h?ssl_ca_certs=/etc/ca%2Fb.pem&ssl_certfile=c&ssl_keyfile=k')[0]?.tls).toEqual({
      ...safe,
      caFile: '/etc/ca/b.pem',
      certFile: 'c',
      keyFile: 'k',
    })
  })

  it('takes TLS from the setting beside the URL, in the names of either transport', () => {
    const address = parseBrokerUrl('amqp://h', { useSsl: { ca_certs: '/ca', certReqs: 2 } })
    expect(address).toMatchObject({ servers: [{ port: 5671, tls: { verify: 'required', caFile: '/ca' } }] })
    expect(parseBrokerUrl('redis://h', { useSsl: true })).toMatchObject({ servers: [{ tls: { verify: 'required' } }] })
    expect(parseBrokerUrl('redis://h', { useSsl: { ssl_cert_reqs: 'none' } })).toMatchObject({
      servers: [{ tls: { verify: 'none' } }],
    })
  })

  it('reads alternates from a list and from an array alike', () => {
    const expected = [{ host: 'a' }, { host: 'b', virtualHost: 'v' }]
    expect(amqp('amqp://a//;amqp://b/v')).toMatchObject(expected)
    expect(amqp(['amqp://a//', 'amqp://b/v'])).toMatchObject(expected)
  })

  it('reads a list of sentinels, with the database and the credentials of the first', () => {
    expect(parseBrokerUrl('sentinel://:pw@a/2;sentinel://b:26380')).toMatchObject({
      kind: 'sentinel',
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_380 },
      ],
      db: 2,
      password: 'pw',
      text: 'sentinel://:***@a/2;sentinel://b:26380',
    })
    expect(complaint(() => parseBrokerUrl('sentinel://a;sentinel://b/2'))).toContain('in the first URL')
  })

  it('knows memory:// for both roles and rpc:// for results', () => {
    expect(parseBrokerUrl('memory://')).toEqual({ kind: 'memory', name: '', text: 'memory://' })
    expect(parseBrokerUrl('memory://b')).toMatchObject({ name: 'b' })
    for (const url of ['rpc', 'rpc://']) expect(parseBrokerUrl(url, { role: 'result' })).toMatchObject({ kind: 'rpc' })
    expect(complaint(() => parseBrokerUrl('rpc://'))).toContain('`rpc://` is not supported')
  })

  it.each([
    ['sqs://', 'the scheme `sqs://` is not supported; use `memory://`, `redis://`'],
    ['redis://h/abc', 'must be a number'],
    ['redis://h?ssl_cert_reqs=none', '`ssl_cert_reqs` needs `rediss://`'],
    ['rediss://h?ssl_cert_reqs=maybe', "must be 'required', 'optional' or 'none'"],
    ['redis://h?colour=red', 'the parameter `colour` is not known'],
    ['amqp://h?colour=red', 'the parameter `colour` is not known'],
    ['amqp://h?heartbeat=x', 'must be a number of seconds'],
    ['amqp://a//;redis://b', 'of one kind, found amqp and redis'],
    ['amqp://a;b', 'its own `scheme://`'],
    ['localhost', 'found no scheme'],
    ['', 'found an empty text'],
    ['redis+socket://', 'needs the path of the socket'],
  ])('refuses %s', (url, part) => {
    expect(complaint(() => parseBrokerUrl(url))).toContain(part)
  })

  it('refuses an empty list, and names the setting', () => {
    expect(complaint(() => parseBrokerUrl([], { name: 'brokerReadUrl' }))).toContain('`brokerReadUrl`')
  })

  it('tells the supported stores when the kind of a result store is not', () => {
    for (const url of ['db+sqlite:///x', 'cache+memcached://h', 'amqp://h']) {
      expect(complaint(() => parseBrokerUrl(url, { role: 'result' }))).toMatch(/not supported; use .*`rpc:\/\/`/)
    }
  })

  it('never shows a password, in errors or in texts', () => {
    const urls = [
      'redis://:se/cret@h',
      'sqs://u:secret@h',
      'redis://u:secret@h/x',
      'amqp://u:secret@h?a=secret',
      'amqp://u:secret@h;b',
    ]
    for (const url of urls) expect(complaint(() => parseBrokerUrl(url))).not.toMatch(/secret|cret/)
    expect(JSON.stringify(redis('redis://u:secret@h')[0]?.text)).not.toContain('secret')
  })
})
