import fc from 'fast-check'

const chars = (allowed: string, options: fc.StringConstraints = {}) =>
  fc.string({ maxLength: 6, ...options, unit: fc.constantFrom(...allowed, '%41', '%2F', '%2f') })
const pchar = "aZ09-._~!$&'()*+,=:"
const plain = (allowed: string, minLength = 0) =>
  fc.string({ minLength, maxLength: 6, unit: fc.constantFrom(...allowed) })
const optional = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: '' })

const scheme = fc.tuple(plain('aZ', 1), plain('a0+.-')).map((parts) => parts.join(''))
const userinfo = fc
  .tuple(chars("aZ-~!'@"), optional(chars("aZ09:@!'").map((text) => `:${text}`)))
  .map((parts) => `${parts.join('')}@`)
const name = fc.oneof(
  chars('aZ09-.~'),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
)
const port = fc.oneof(
  fc.constant(':'),
  fc.nat(65_535).map((value) => `:${value}`),
)
const host = fc.tuple(name, optional(port)).map((parts) => parts.join(''))
const authority = fc
  .tuple(optional(userinfo), fc.array(host, { minLength: 1, maxLength: 3 }))
  .map(([user, hosts]) => `//${user}${hosts.join(',')}`)
const path = fc.array(chars(`${pchar}@; `)).map((segments) => segments.map((segment) => `/${segment}`).join(''))
const tail = fc.tuple(
  optional(chars(`${pchar}@/?;`).map((text) => `?${text}`)),
  optional(chars(`${pchar}@/?#`).map((text) => `#${text}`)),
)

/** Every kind of URL that `buildUrl` takes. */
export const urls: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(scheme, authority, path, tail).map(([s, a, p, t]) => `${s}:${a}${p}${t.join('')}`),
  fc.tuple(authority, path, tail).map(([a, p, t]) => `${a}${p}${t.join('')}`),
  fc.tuple(scheme, plain('abc', 1), path, tail).map(([s, a, p, t]) => `${s}:${a}${p}${t.join('')}`),
)
