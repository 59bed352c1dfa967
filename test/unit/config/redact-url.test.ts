import fc from 'fast-check'
import { redactUrl } from 'twopi/config'
import { describe, expect, test } from 'vitest'
import { urls } from './url-grammar.ts'

describe('redactUrl', () => {
  const cases = [
    ['redis://app:secret@localhost:6379/0', 'redis://app:***@localhost:6379/0'],
    ['redis://:secret@h/0', 'redis://:***@h/0'],
    ['redis://u:@h/0', 'redis://u:***@h/0'],
    ['redis://user@h/0', 'redis://user@h/0'],
    ['//u:p@h/p', '//u:***@h/p'],
    ['redis://u:p@ss@h/0', 'redis://u:***@h/0'],
    ['postgresql://u:p#ss@h/db', 'postgresql://u:***@h/db'],
    ['postgresql://u:p/ss@h/db', 'postgresql://u:***@h/db'],
    ['postgresql://u:12/ss@h/db?a=1', 'postgresql://u:***@h/db?a=1'],
    ['mongodb://u:p@a:1,b:2/db', 'mongodb://u:***@a:1,b:2/db'],
    ['amqp://u:p@a//;amqp://u:q@b//', 'amqp://u:***@a//;amqp://u:***@b//'],
    ['redis://u:p', 'redis://***'],
    ['amqp://u:p;x://rest@h', 'amqp://***'],
    ['sqlite:////abs/x.db', 'sqlite:////abs/x.db'],
    ['redis://[::1]:6379/0', 'redis://[::1]:6379/0'],
    ['https://example.com/@scope/pkg', 'https://example.com/@scope/pkg'],
    ['https://h/a?token=abc&x=1', 'https://h/a?token=***&x=1'],
    ['https://h/a?x=1&access_token=abc', 'https://h/a?x=1&access_token=***'],
    ['https://h/a#access_token=abc&state=1', 'https://h/a#access_token=***&state=1'],
    ['postgresql://h/db?sslpassword=abc&sslmode=require', 'postgresql://h/db?sslpassword=***&sslmode=require'],
    [
      'https://h/?api_key=1&apiKey=2&api-key=3&client_secret=4',
      'https://h/?api_key=***&apiKey=***&api-key=***&client_secret=***',
    ],
    ['https://h/?pass%77ord=abc', 'https://h/?pass%77ord=***'],
    ['https://h/?password=a#b?c&x=1', 'https://h/?password=***&x=1'],
    ['https://h/?next=redis%3A%2F%2Fu%3Ap%40h', 'https://h/?next=***'],
    ['jdbc:mysql://u:p@h/db', 'jdbc:mysql://u:***@h/db'],
    ['jdbc:sqlserver://h:1433;user=sa;password=abc', 'jdbc:sqlserver://***'],
    ['jdbc:sqlserver://h;user=u;password=s3cr3tPW', 'jdbc:sqlserver://h;user=u;password=***'],
    ['jdbc:sqlserver://h;password=p@ss/w;encrypt=true', 'jdbc:sqlserver://h;password=***;encrypt=true'],
    ['jdbc:sqlserver://h;password={a/b;c?d};encrypt=true', 'jdbc:sqlserver://***'],
    ["jdbc:sqlserver://h;password='a/b;c?d';encrypt=true", 'jdbc:sqlserver://h;password=***;encrypt=true'],
    ['jdbc:db2://h/d;password={a;b};user=u', 'jdbc:db2://h/d;password=***;user=u'],
    ['jdbc:db2://h/d;password={a;b', 'jdbc:db2://h/d;password=***'],
    ['https://h/p;jsessionid=abc', 'https://h/p;jsessionid=***'],
    ['https://h/p?sid=1&session_id=2&PHPSESSID=3', 'https://h/p?sid=***&session_id=***&PHPSESSID=***'],
    ['https://h/cb?code=abc&state=1', 'https://h/cb?code=***&state=1'],
    [
      'https://h/t?client_assertion=a&otp=1&code_verifier=b',
      'https://h/t?client_assertion=***&otp=***&code_verifier=***',
    ],
    ['https://h/f?sig=abc&X-Amz-Signature=d&se=1', 'https://h/f?sig=***&X-Amz-Signature=***&se=1'],
    ['https://h/?error_code=1&code_challenge=2&country=de', 'https://h/?error_code=1&code_challenge=2&country=de'],
    ['postgresql://h/db?target_session_attrs=any', 'postgresql://h/db?target_session_attrs=any'],
    ['jdbc:oracle:thin:scott/tiger@//h:1521/s', 'jdbc:***@//h:1521/s'],
    ['redis:u:p@h', 'redis:***@h'],
    ['file:local.db?authToken=abc', 'file:local.db?authToken=***'],
    ['u:p@h/db', 'u:***@h/db'],
    ['host=h password=abc', '***'],
    ['no url', '***'],
    ['', '***'],
  ] as const
  test.each(cases)('%s is logged as %s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected)
  })

  test('takes a WHATWG URL and never throws', () => {
    expect(redactUrl(new URL('http://u:p@h/'))).toBe('http://u:***@h/')
    expect(redactUrl(undefined as unknown as string)).toBe('***')
  })

  test('leaves a URL without a secret as it is, or hides more', () => {
    fc.assert(fc.property(urls, (url) => redactUrl(url) === url || redactUrl(url).includes('***')))
  })

  const noise = fc.string({ unit: fc.constantFrom(...':/?#@[],;%= é\n\\"', 'a=b&', '12', 'token='), maxLength: 8 })
  test('never shows a password, encoded or not, in a URL that is right or wrong', () => {
    const frames = fc.constantFrom<[string, string]>(
      ['redis://user:', '@h/0'],
      ['redis://:', '@h:6379/0?x=1'],
      ['https://user:', '@h/a@b'],
      ['//u:', '@'],
      ['jdbc:mysql://u:', '@h/db'],
      ['amqp://u:p@a//;amqp://u:', '@b//'],
      ['redis://user:', '@h:port/0'],
    )
    fc.assert(
      fc.property(frames, noise, noise, ([start, end], before, after) => {
        expect(redactUrl(`${start}${before}Kq7x${after}${end}`)).not.toContain('Kq7x')
      }),
      { numRuns: 5000 },
    )
  })

  test('never shows the value of a secret in a query', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          '?token=',
          ';user=u;password=',
          '?a=1&password=',
          '?a&b=c;secret=',
          '#access_token=',
          '?x#api_key=',
        ),
        fc.constantFrom(
          'https://h/p',
          'jdbc:sqlserver://h',
          'https://u:p@h:1/',
          'file:x.db',
          'jdbc:mysql://h/db',
          'redis:u:p@h/0',
        ),
        noise.map((text) => text.replace(/[&;]/g, '')),
        noise,
        (name, start, before, after) => {
          expect(redactUrl(`${start}${name}${before}Kq7x${after}`)).not.toContain('Kq7x')
        },
      ),
      { numRuns: 5000 },
    )
  })
})
