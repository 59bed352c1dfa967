import { inspect } from 'node:util'
import fc from 'fast-check'
import { loadConfig, redactConfig } from 'twopi/config'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

describe('a connection string of pairs in a configuration', () => {
  test.each([
    ['Server=h;Password=hunter2', 'Server=h;Password=***'],
    [
      'Data Source=tcp:h,1433;User ID=sa;Password=hunter 2;Encrypt=yes',
      'Data Source=tcp:h,1433;User ID=sa;Password=***;Encrypt=yes',
    ],
    ['Server=h; Pwd = "a;b" ; Database=d', 'Server=h; Pwd = ***; Database=d'],
    ['Server=h;Password=a;b;Database=d', 'Server=h;Password=***;Database=d'],
    ['Server=h;Password=a b=c;Database=d', 'Server=h;Password=***'],
    ["Server=h;Password='a;b", 'Server=h;Password=***'],
    ['Driver={ODBC Driver 18};PWD={a;b}};c};Server=h', 'Driver={ODBC Driver 18};PWD=***;Server=h'],
    ['AccountName=n;AccountKey=abc==;EndpointSuffix=e', 'AccountName=n;AccountKey=***;EndpointSuffix=e'],
    ['Endpoint=sb://h/;SharedAccessKey=abc=', 'Endpoint=sb://h/;SharedAccessKey=***'],
    ['host=h password=hunter2', 'host=h password=***'],
    ['host=h password = hunter2 user=u', 'host=h password = *** user=u'],
    [String.raw`host=h password='a b=\'c' user=u`, 'host=h password=*** user=u'],
    ['host=h password=a;b user=u', 'host=h password=***'],
    ['password=hunter2', 'password=***'],
    ['mysql:host=h;dbname=d;password=p', 'mysql:host=h;dbname=d;password=***'],
    ['main=redis://u:p@h/0;size=5', 'main=redis://u:***@h/0;size=5'],
    ['a=1;b=2', 'a=1;b=2'],
    ['Server=h;SID=ORCL;Session=on;Code=1', 'Server=h;SID=ORCL;Session=on;Code=1'],
    ['Server=h;Password=;User=u', 'Server=h;Password=;User=u'],
    ['the password is = nothing', 'the password is = nothing'],
    ['x > 1 = y', 'x > 1 = y'],
  ])('%s is logged as %s', (conn, expected) => {
    expect(redactConfig({ conn, dbUrl: [conn] })).toEqual({ conn: expected, dbUrl: [expected] })
  })

  test('is hidden when a loaded configuration is printed, and is whole as a value', () => {
    const env = { TWOPI_DB_URL: 'Server=h;Password=hunter2', TWOPI_CONN: 'host=h password=hunter2' }
    const config = loadConfig({ dbUrl: z.string(), conn: z.string() }, { env })
    expect(`${inspect(config)}${JSON.stringify(config)}`).not.toContain('hunter2')
    expect(config.conn).toBe('host=h password=hunter2')
  })

  test('never shows a password, quoted or not', () => {
    const noise = fc.string({ unit: fc.constantFrom(...' @:/,&=%{}[]()é'), maxLength: 6 })
    const frames = fc.constantFrom<[string, string]>(
      ['Server=h;Password="', '";Database=d'],
      ["host=h password='", "' user=u"],
      ['Server=h;Password={;', '};Database=d'],
      ['User ID=sa;Password=x', ';Server=h'],
    )
    fc.assert(
      fc.property(frames, noise, noise, ([start, end], before, after) => {
        fc.pre(!`${before}${after}`.includes('}'))
        expect(inspect(redactConfig({ conn: `${start}${before}Kq7x${after}${end}` }))).not.toContain('Kq7x')
      }),
      { numRuns: 3000 },
    )
  })

  test('a key of a configuration is hidden for less than a parameter of a URL', () => {
    expect(redactConfig({ session: { ttl: 5 }, code: 1, accountSid: 'a', sessionSecret: 's' })).toEqual({
      session: { ttl: 5 },
      code: 1,
      accountSid: 'a',
      sessionSecret: '***',
    })
  })
})
