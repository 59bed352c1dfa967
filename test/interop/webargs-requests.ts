import type { TestRequest } from '../conformance/http/transport.ts'
import { bodyRequests } from './webargs-bodies.ts'
import { fieldRequests } from './webargs-fields.ts'
import { type Kind, kinds } from './webargs-routes.ts'
import { FORM, json, type Sample } from './webargs-sample.ts'
import { jsonValues, type Tagged, textValues } from './webargs-values.ts'

type TextLocation = 'query' | 'form' | 'json_or_form' | 'headers' | 'cookies' | 'path'

/** Sends names and texts in a location. */
const inTexts: Readonly<
  Record<Exclude<TextLocation, 'path'>, (path: string, texts: readonly string[]) => TestRequest>
> = {
  query: (path, texts) => ({ path: `${path}?${encoded(texts)}` }),
  form: (path, texts) => ({ path, method: 'POST', headers: [['content-type', FORM]], body: encoded(texts) }),
  json_or_form: (path, texts) => ({ path, method: 'POST', headers: [['content-type', FORM]], body: encoded(texts) }),
  headers: (path, texts) => ({ path, headers: texts.map((text): [string, string] => ['V', text]) }),
  cookies: (path, texts) => ({
    path,
    headers: texts.length === 0 ? [] : [['cookie', texts.map((text) => `v=${text}`).join('; ')]],
  }),
}

function encoded(texts: readonly string[]): string {
  return texts.map((text) => `v=${encodeURIComponent(text)}`).join('&')
}

/** What can stand in a header line as it is, and what survives in a cookie or a path. */
function fits(location: TextLocation, text: string): boolean {
  if (location === 'headers') return /^(?! )[\x20-\x7e\xa0-\xff]*(?<! )$/.test(text)
  if (location === 'cookies') return /^(?! )[\x20-\x7e]*(?<! )$/.test(text) && !/[;"\\]/.test(text)
  if (location === 'path') return !/^\.{0,2}$|\/|\\/.test(text)
  return true
}

const TEXT_LOCATIONS: readonly Exclude<TextLocation, 'path'>[] = ['query', 'form', 'headers', 'cookies', 'json_or_form']
/** Elsewhere than in the query, where all kinds are tried. */
const FEW: readonly Kind[] = [
  'int',
  'int-default',
  'number',
  'bool',
  'string',
  'date',
  'date-time',
  'list-int',
  'list-string',
  'list-optional',
  'delimited-int',
]
const IN_PATH: readonly Kind[] = [
  'int',
  'bigint',
  'number',
  'bool',
  'string',
  'string-length',
  'one-of',
  'date',
  'delimited-int',
]
const JSON_ONLY: readonly Kind[] = ['object', 'object-exclude', 'objects', 'deep', 'delimiteds']

const allKinds = Object.keys(kinds) as Kind[]

function textRequests(location: Exclude<TextLocation, 'path'>): readonly Sample[] {
  const chosen = location === 'query' ? allKinds.filter((kind) => !JSON_ONLY.includes(kind)) : FEW
  return chosen.flatMap((kind) => {
    const path = `/${location}/${kind}`
    return textValues(kind).flatMap((value) => {
      const { texts, differs } = readTagged(value, location, kind)
      if (!texts.every((text) => fits(location, text))) return []
      return [{ title: `${location} ${kind} ${JSON.stringify(texts)}`, ...inTexts[location](path, texts), ...differs }]
    })
  })
}

function pathRequests(): readonly Sample[] {
  return IN_PATH.flatMap((kind) =>
    textValues(kind).flatMap((value) => {
      const { texts, differs } = readTagged(value, 'path', kind)
      const [text, ...more] = texts
      if (text === undefined || more.length > 0 || !fits('path', text)) return []
      return [
        {
          title: `path ${kind} ${JSON.stringify(text)}`,
          path: `/path/${kind}/${encodeURIComponent(text)}`,
          ...differs,
        },
      ]
    }),
  )
}

function jsonRequests(location: 'json' | 'json_or_form', chosen: readonly Kind[]): readonly Sample[] {
  return chosen.flatMap((kind) =>
    jsonValues(kind).map((value) => {
      const { texts, differs } = readTagged(value, location, kind)
      const body = texts.length === 0 ? '{}' : `{"v": ${texts[0]}}`
      return { title: `${location} ${kind} ${body}`, ...json(`/${location}/${kind}`, body), ...differs }
    }),
  )
}

interface Read {
  readonly texts: readonly string[]
  readonly differs: { readonly differs?: string }
}

function readTagged(value: Tagged, location: string, kind: Kind): Read {
  const { texts, differs } = typeof value === 'string' ? { texts: [value], differs: undefined } : value
  const row =
    differenceOfList(location, kind, texts) ?? (typeof differs === 'function' ? differs(location, kind) : differs)
  return { texts, differs: row === undefined ? {} : { differs: row } }
}

/** Lists in cookies and headers differ whatever is in them. */
function differenceOfList(location: string, kind: Kind, texts: readonly string[]): string | undefined {
  if (texts.length === 0 || !kind.startsWith('list')) return undefined
  if (location === 'cookies') return 'cookie-lists'
  const several = texts.length > 1 || texts[0] === '' || texts[0]?.includes(',') === true
  return location === 'headers' && several ? 'header-lists' : undefined
}

/** All requests, by what they are about. */
export const groups: Readonly<Record<string, readonly Sample[]>> = {
  ...Object.fromEntries(TEXT_LOCATIONS.map((location) => [`texts in ${location}`, textRequests(location)])),
  'texts in path': pathRequests(),
  'values in json': jsonRequests('json', allKinds),
  'values in json_or_form': jsonRequests('json_or_form', ['int', 'string', 'list-int', 'delimited-int', 'object']),
  'fields and names': fieldRequests(),
  bodies: bodyRequests(),
}
