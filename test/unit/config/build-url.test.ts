import fc from 'fast-check'
import { buildUrl, parseUrl, type UrlOverrides } from 'twopi/config'
import { describe, expect, test } from 'vitest'
import { urls } from './url-grammar.ts'

describe('the two published cases of the original', () => {
  test('a URL without overrides is itself', () => {
    expect(buildUrl('redis://localhost:6379/0')).toBe('redis://localhost:6379/0')
  })
  test('overridden parts are replaced and the others stay', () => {
    expect(buildUrl('foo://localhost/0', { port: 6379, scheme: 'redis' })).toBe('redis://localhost:6379/0')
  })
})

describe('where the original changes or loses data', () => {
  const kept = [
    'mysql+pymysql://u:p@h:3306/db?charset=utf8mb4',
    'unix:///var/run/redis.sock?db=1',
    'redis+socket:///var/run/redis.sock?virtual_host=2',
    'postgresql:///db?host=/var/run/postgresql',
    'amqps://u:p@h:5671/vhost?heartbeat=30',
    'redis://h:6379/0#f',
    'redis://[::1]:6379/0',
    'HTTP://User@EXAMPLE.com/P;x=1?q#f',
    'redis://user@h/0',
    'http://h:/x',
    'mailto:a@b.c',
    'jdbc:mysql://h/db',
    'mongodb://a:1,b:2/db',
    'sqlite:///rel.db',
    'sqlite:////abs/x.db',
    'sqlite://',
    'memory://',
    'amqp://h:5672//',
    'amqp://h/%2Fvhost',
    'redis://:p%40ss@h/0',
    'redis://:p@ss@h/0',
    'redis://h:0/0',
    // what `new URL` refuses or changes
    'pg://u:p@/db',
    'redis://u:p@:6379/0',
    '//h/p',
    'redis://h/a/../b',
    'http://h:80/',
    'postgresql+psycopg2://u:p@h/db',
    'rediss://h:6380/0?ssl_cert_reqs=required',
    'postgresql://%2Fvar%2Frun%2Fpostgresql/db',
    'file:local.db',
    'http://h/?',
    'http://h/#',
    'redis://@h',
    'redis://:@h',
    'postgresql://[fe80::1%25eth0]:5432,b:2/db',
  ]
  test.each(kept)('%s is kept byte for byte', (url) => {
    expect(buildUrl(url)).toBe(url)
  })

  const refused = [
    ['localhost:6379/0', /no `\/\/`/],
    ['localhost:6379', /no `\/\/`/],
    ['h', /no scheme/],
    ['', /an empty text/],
    [' redis://h', /scheme/],
    ['redis://h\n', /control characters/],
    ['my_db://h', /scheme of letters/],
    ['postgresql://u:p#ss@h/db', /port/],
    ['postgresql://u:p/ss@h/db', /port/],
    ['postgresql://u:p?x@h/db', /port/],
    ['redis://::1:6379/0', /IPv6 host in brackets/],
    ['redis://h:65536/0', /from 0 to 65535/],
    ['redis://a b/0', /host/],
    ['redis://[::1/0', /host/],
    ['mongodb://a:1,b:x/db', /port/],
    ['http:', /no `\/\/`/],
  ] as const
  test.each(refused)('%j is refused', (url, message) => {
    expect(() => buildUrl(url)).toThrow(TypeError)
    expect(() => buildUrl(url)).toThrow(message)
  })

  const overridden: [string, UrlOverrides, string][] = [
    ['http://h/x', { password: 'a@b/c' }, 'http://:a%40b%2Fc@h/x'],
    ['http://h', { path: 'y' }, 'http://h/y'],
    ['http://h/x', { username: 'x' }, 'http://x@h/x'],
    ['redis://h/0', { hostname: '::1' }, 'redis://[::1]/0'],
    ['redis://h/0', { hostname: '[::1]', port: 1 }, 'redis://[::1]:1/0'],
    ['redis://h/0', { hostname: 'fe80::1%eth0' }, 'redis://[fe80::1%25eth0]/0'],
    ['redis://h/0', { port: 0 }, 'redis://h:0/0'],
    ['redis://h/0', { port: '6379' }, 'redis://h:6379/0'],
    ['http://h:80/', { scheme: 'redis' }, 'redis://h:80/'],
    ['sqlite:///', { path: '//abs/x.db' }, 'sqlite:////abs/x.db'],
    ['sqlite:///', { username: 'u', password: 'p' }, 'sqlite://u:p@/'],
    ['mysql://u:p@h/db?charset=utf8mb4#f', { scheme: 'mysql+pymysql' }, 'mysql+pymysql://u:p@h/db?charset=utf8mb4#f'],
    ['postgresql:///db', { hostname: '/var/run/postgresql' }, 'postgresql://%2Fvar%2Frun%2Fpostgresql/db'],
  ]
  test.each(overridden)('%s with %j keeps its meaning', (url, overrides, expected) => {
    expect(buildUrl(url, overrides)).toBe(expected)
  })
})

describe('null, empty and undefined', () => {
  const full = 'redis://u:p@h:1/d?q#f'
  const cases: [UrlOverrides, string][] = [
    [{ scheme: null }, '//u:p@h:1/d?q#f'],
    [{ username: null }, 'redis://:p@h:1/d?q#f'],
    [{ password: null }, 'redis://u@h:1/d?q#f'],
    [{ username: null, password: null }, 'redis://h:1/d?q#f'],
    [{ hostname: null }, 'redis://u:p@:1/d?q#f'],
    [{ port: null }, 'redis://u:p@h/d?q#f'],
    [{ path: null }, 'redis://u:p@h:1?q#f'],
    [{ query: null }, 'redis://u:p@h:1/d#f'],
    [{ fragment: null }, 'redis://u:p@h:1/d?q'],
    [{ username: '' }, 'redis://:p@h:1/d?q#f'],
    [{ password: '' }, 'redis://u:@h:1/d?q#f'],
    [{ username: '', password: null }, 'redis://@h:1/d?q#f'],
    [{ hostname: '' }, 'redis://u:p@:1/d?q#f'],
    [{ port: '' }, 'redis://u:p@h:/d?q#f'],
    [{ path: '' }, 'redis://u:p@h:1?q#f'],
    [{ query: '' }, 'redis://u:p@h:1/d?#f'],
    [{ fragment: '' }, 'redis://u:p@h:1/d?q#'],
    [{ username: undefined, password: undefined, port: undefined, query: undefined }, full],
  ]
  test.each(cases)('%j replaces nothing else', (overrides, expected) => {
    expect(buildUrl(full, overrides)).toBe(expected)
  })
})

describe('encoding', () => {
  test('an override is encoded once, so an escape in it is text', () => {
    expect(buildUrl('redis://h', { password: 'p%40' })).toBe('redis://:p%2540@h')
  })
  test('everything outside the unreserved characters is encoded in user name and password', () => {
    expect(buildUrl('redis://h', { username: "a!'()*:$&+,;=", password: '[é]' })).toBe(
      'redis://a%21%27%28%29%2A%3A%24%26%2B%2C%3B%3D:%5B%C3%A9%5D@h',
    )
  })
  test('a path keeps its escapes and encodes what would end it', () => {
    expect(buildUrl('amqp://h', { path: '/%2Fv host?x#y%zz' })).toBe('amqp://h/%2Fv%20host%3Fx%23y%25zz')
  })
  test('a query given as text replaces the whole and encodes what would end it', () => {
    expect(buildUrl('http://h/?a=1', { query: 'b=%20 #?' })).toBe('http://h/?b=%20%20%23?')
  })
  test('a query given as an object sets single pairs in place', () => {
    expect(buildUrl('http://h/?a=1&b=%7e&a=2', { query: { a: 'x y', c: true, d: null, e: undefined } })).toBe(
      'http://h/?a=x%20y&b=%7e&c=true',
    )
    expect(buildUrl('http://h/?a=1&my+key=2', { query: { 'my key': null } })).toBe('http://h/?a=1')
    expect(buildUrl('http://h/?a=1', { query: { a: null } })).toBe('http://h/')
    expect(buildUrl('http://h/', { query: { heartbeat: 30 } })).toBe('http://h/?heartbeat=30')
  })
})

describe('several hosts', () => {
  test('the list is replaced as one', () => {
    expect(buildUrl('mongodb://a:1,b:2/db', { hostname: 'c' })).toBe('mongodb://c/db')
    expect(buildUrl('mongodb://a:1/db', { hostname: 'c:3,[::1]:4' })).toBe('mongodb://c:3,[::1]:4/db')
    expect(buildUrl('mongodb://a:1,b:2/db', { hostname: 'c', port: 3 })).toBe('mongodb://c:3/db')
  })
  test('one port for all of them is refused, and removing it does nothing', () => {
    expect(() => buildUrl('mongodb://a:1,b:2/db', { port: 3 })).toThrow(/several hosts/)
    expect(buildUrl('mongodb://a:1,b:2/db', { port: null })).toBe('mongodb://a:1,b:2/db')
  })
})

describe('failover lists', () => {
  const list = 'amqp://u:p@a//;amqp://u:p@b:5673//'
  test('are left alone without overrides', () => {
    expect(buildUrl(list)).toBe(list)
    expect(buildUrl('sentinel://a:1; sentinel://b:2')).toBe('sentinel://a:1; sentinel://b:2')
  })
  test('take an override in each of their URLs', () => {
    expect(buildUrl(list, { password: 's', path: '/v' })).toBe('amqp://u:s@a/v;amqp://u:s@b:5673/v')
  })
  test('refuse to name one host in all of their URLs', () => {
    expect(() => buildUrl(list, { hostname: 'c' })).toThrow(/failover list/)
    expect(() => buildUrl(list, { scheme: null })).toThrow(/failover list/)
  })
  test('refuse a part that is no URL', () => {
    expect(() => buildUrl('amqp://a:x;amqp://b')).toThrow(/port/)
  })
  test('do not come from an override', () => {
    expect(buildUrl('http://h', { path: '/x;a://b', query: 'y;c://d' })).toBe('http://h/x%3Ba://b?y%3Bc://d')
    expect(buildUrl('http://h//b', { hostname: 'x;a', port: '' })).toBe('http://x%3Ba://b')
    expect(() => buildUrl('http://h', { hostname: 'x,y;a' })).toThrow(/`hostname` must be/)
  })
  test('are told from a URL that holds a semicolon', () => {
    expect(buildUrl('http://h/a;b=1', { path: null })).toBe('http://h')
  })
})

describe('overrides that cannot be right', () => {
  const cases: [string, unknown, RegExp][] = [
    ['http://h', { port: 'abc' }, /`port` must be a whole number from 0 to 65535/],
    ['http://h', { port: 1.5 }, /`port`/],
    ['http://h', { port: 65_536 }, /`port`/],
    ['http://h', { scheme: '' }, /`scheme`/],
    ['http://h', { scheme: 'http:' }, /without the colon/],
    ['http://h', { hostname: 'a:1' }, /must not hold a port/],
    ['http://h', { hostname: 'a:x:y' }, /`hostname` must be/],
    ['http://h', { hostname: 'a b,c' }, /`hostname` must be/],
    ['http://h', { hostname: '[x' }, /`hostname` must be/],
    ['http://h', { host: 'a' }, /`host` is not a part of a URL; use one of `scheme`/],
    ['http://h', { password: 5 }, /`password` must be a string or null, found number/],
    ['http://h', { password: '\ud800' }, /well-formed/],
    ['http://h', { query: { a: {} } }, /`query.a`/],
    ['mailto:a@b.c', { password: 'x', port: 1 }, /`password`, `port` cannot be overridden/],
    ['mailto:a@b.c', { scheme: null }, /`scheme` cannot/],
    ['mailto:a@b.c', { path: '//x' }, /`path` must not start with/],
  ]
  test.each(cases)('%s with %j is a TypeError', (url, overrides, message) => {
    const build = () => buildUrl(url, overrides as UrlOverrides)
    expect(build).toThrow(TypeError)
    expect(build).toThrow(message)
  })
  test('are all told at once', () => {
    expect(() => buildUrl('http://h', { port: -1, scheme: '1' })).toThrow(
      /^buildUrl: 2 problems\n {2}- `port`.*\n {2}- `scheme`/,
    )
  })
  test('something that is no text is refused as the URL', () => {
    expect(() => buildUrl(undefined as unknown as string)).toThrow(TypeError)
    expect(() => parseUrl(5 as unknown as string)).toThrow(TypeError)
  })
})

test('a WHATWG URL is taken too', () => {
  expect(buildUrl(new URL('http://h/x'), { port: 81 })).toBe('http://h:81/x')
  expect(parseUrl(new URL('http://h/x')).hostname).toBe('h')
})

describe('parseUrl', () => {
  test('gives the parts that buildUrl takes, decoded once', () => {
    expect(parseUrl('amqp://a%40b:p%2540@[::1]:5672/%2Fv?heartbeat=30#f')).toEqual({
      scheme: 'amqp',
      username: 'a@b',
      password: 'p%40',
      hostname: '::1',
      port: 5672,
      path: '/%2Fv',
      query: 'heartbeat=30',
      fragment: 'f',
    })
  })
  test('tells absent from empty', () => {
    expect(parseUrl('sqlite://')).toMatchObject({
      username: undefined,
      hostname: '',
      port: undefined,
      path: '',
      query: undefined,
    })
    expect(parseUrl('mailto:a@b.c').hostname).toBeUndefined()
    expect(parseUrl('redis://:@h:').password).toBe('')
  })
  test('leaves a broken escape as it is', () => {
    expect(parseUrl('redis://:p%zz%ff@h').password).toBe('p%zz%ff')
  })
  test('keeps several hosts as a list and refuses a failover list', () => {
    expect(parseUrl('mongodb://a:1,b:2/db').hostname).toBe('a:1,b:2')
    expect(() => parseUrl('amqp://a;amqp://b')).toThrow(/one URL/)
  })
})

/** One URL with `//`: a `;` before `scheme://` makes a list. */
const single = urls.filter((url) => /^[a-z0-9+.-]*:?\/\//i.test(url) && !/; *[a-z][a-z0-9+.-]*:\/\//i.test(url))
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme-composite', maxLength: 5 }),
      fc.constantFrom(';a://', ';', ':', '//', '@', ','),
    ),
  )
  .map((parts) => parts.join(''))

describe('for any URL', () => {
  test('no override changes no byte', () => {
    fc.assert(fc.property(urls, (url) => buildUrl(url) === url && buildUrl(url, {}) === url))
  })
  test('no override changes no byte of any accepted text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1:/?#@[],;%. '), maxLength: 20 }), (rest) => {
        for (const url of [rest, `redis://${rest}`]) {
          let built: string
          try {
            built = buildUrl(url)
          } catch (error) {
            if (error instanceof TypeError) continue
            throw error
          }
          expect(built).toBe(url)
        }
      }),
      { numRuns: 2000 },
    )
  })
  test('user name and password come back as they were given', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/\p{Surrogate}/u.test(value))
    fc.assert(
      fc.property(single, text, text, (url, username, password) => {
        const parsed = parseUrl(buildUrl(url, { username, password }))
        expect(parsed).toEqual({ ...parseUrl(url), username, password })
      }),
    )
  })
  test('an override changes its own part only, whatever it holds', () => {
    fc.assert(
      fc.property(single, texts, texts, texts, (url, path, query, fragment) => {
        const before = parseUrl(url)
        const after = parseUrl(buildUrl(url, { path, query, fragment }))
        expect({ ...after, path: '', query: '', fragment: '' }).toEqual({
          ...before,
          path: '',
          query: '',
          fragment: '',
        })
      }),
      { numRuns: 1000 },
    )
  })
  test('a host changes the host only, or is refused', () => {
    fc.assert(
      fc.property(single, texts, fc.constantFrom('//b', ''), (url, hostname, path) => {
        let built: string
        try {
          built = buildUrl(url, { hostname, path, port: '' })
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        const { username, password, query, fragment } = parseUrl(url)
        expect(parseUrl(built)).toMatchObject({ username, password, query, fragment, path })
      }),
      { numRuns: 2000 },
    )
  })
  test('a message never holds a piece of the URL or of an override', () => {
    const noise = fc.string({ unit: fc.constantFrom(...':/?#@[],;% é'), maxLength: 6 })
    let refused = 0
    fc.assert(
      fc.property(noise, noise, noise, fc.boolean(), (before, after, host, asOverride) => {
        const password = `${before}Kq7x${after}`
        try {
          if (asOverride) buildUrl('redis://h', { password, port: host, hostname: password, scheme: password })
          else buildUrl(`redis://user:${password}@h${host}/0`)
        } catch (error) {
          refused++
          expect(error).toBeInstanceOf(TypeError)
          expect(String((error as Error).stack?.split('\n    at')[0])).not.toContain('Kq7x')
        }
      }),
      { numRuns: 1000 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})
