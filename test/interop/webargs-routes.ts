import type { RequestContext } from 'twopi/http'
import {
  type ArgLocation,
  type ArgsFields,
  type ArgsShape,
  arg,
  inLocations,
  type UseArgsOptions,
  useArgs,
} from 'twopi/webargs'
import { z } from 'zod'
import type { ArgsRoute } from '../conformance/webargs/arg-apps.ts'

/** The locations that every kind of field is asked for in. */
const LOCATIONS = ['query', 'form', 'json', 'json_or_form', 'headers', 'cookies'] as const

/** Kinds of fields; each is the field `v` of routes of its own. The same stand in webargs-app.py. */
export const kinds = {
  int: arg.int(),
  'int-optional': arg.int({ optional: true }),
  'int-default': arg.int({ default: 7 }),
  'int-nullable': arg.int({ nullable: true }),
  'int-range': arg.int({ min: 1, max: 5 }),
  'int-min': arg.int({ min: 1 }),
  bigint: arg.bigint(),
  number: arg.number(),
  'number-range': arg.number({ min: 0.5, max: 1.5 }),
  bool: arg.bool(),
  'bool-default': arg.bool({ default: false }),
  string: arg.string(),
  'string-optional': arg.string({ optional: true }),
  'string-length': arg.string({ min: 2, max: 4 }),
  'string-pattern': arg.string({ pattern: /^[a-z]+$/ }),
  'one-of': arg.oneOf(['asc', 'desc']),
  date: arg.date(),
  'date-time': arg.dateTime(),
  'list-int': arg.list(arg.int()),
  'list-string': arg.list(arg.string()),
  'list-optional': arg.list(arg.string(), { optional: true }),
  'list-length': arg.list(arg.int(), { min: 2, max: 3 }),
  'list-default': arg.list(arg.string(), { default: [] }),
  'delimited-int': arg.delimited(arg.int()),
  'delimited-string': arg.delimited(arg.string()),
  'delimited-pipe': arg.delimited(arg.int(), { delimiter: '|' }),
  object: arg.object({ a: arg.int(), l: arg.list(arg.int(), { optional: true }) }),
  'object-exclude': arg.object({ a: arg.int() }, { unknown: 'exclude' }),
  objects: arg.list(arg.object({ a: arg.int() })),
  deep: arg.object({ o: arg.object({ a: arg.bool() }) }),
  delimiteds: arg.list(arg.delimited(arg.int())),
} as const satisfies ArgsFields

export type Kind = keyof typeof kinds

const pair = { a: arg.int(), b: arg.string() }

/** Every route, by its path in the spelling of Express, Fastify and Hono. */
export const routes: readonly ArgsRoute[] = [
  ...Object.entries(kinds).flatMap(([kind, field]) => [
    ...LOCATIONS.map((location) => route(`/${location}/${kind}`, { v: field }, { location })),
    route(`/path/${kind}/:v`, { v: field }, { location: 'path' }),
  ]),
  ...LOCATIONS.flatMap((location) => [
    route(`/${location}/pair`, pair, { location }),
    route(`/${location}/dashed`, { 'X-Num': arg.int() }, { location }),
    route(`/${location}/none`, {}, { location }),
    ...(['raise', 'exclude', 'include'] as const).map((policy) =>
      route(
        `/${location}/unknown-${policy}`,
        { a: arg.int({ optional: true }) },
        { location, ...unknown(location, policy) },
      ),
    ),
  ]),
  route('/path/pair/:a/:b', pair, { location: 'path' }),
  route('/path/undeclared/:a/:x', { a: arg.int({ optional: true }) }, { location: 'path' }),
  route('/many', { a: arg.int(), b: arg.string({ optional: true }) }, { many: true }),
  route(
    '/whole',
    z.object({ a: z.int() }).refine(({ a }) => a !== 13, 'unlucky'),
    {},
  ),
  route('/status-400', { a: arg.int() }, { statuses: { invalid: 400 } }),
  route(
    '/several/:id',
    inLocations({ path: { id: arg.int() }, query: { q: arg.list(arg.int()) }, json: { n: arg.int() } }),
    {},
  ),
]

function route(path: string, shape: ArgsShape, options: UseArgsOptions): ArgsRoute {
  return {
    path,
    parts: [useArgs(shape, options), ({ args }: RequestContext & { args: unknown }) => ({ args: shown(args) })],
  }
}

function unknown(location: ArgLocation, policy: 'raise' | 'exclude' | 'include'): UseArgsOptions {
  return { unknown: { [location]: policy } }
}

/** As webargs-app.py shows what it got. */
function shown(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? { big: String(value) } : Number(value)
  }
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]))
}
