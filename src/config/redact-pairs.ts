import { isSecretName } from './secret-names.ts'

const hidden = '***'

/**
 * Hides the secrets of a connection string that is no URL: `Server=h;Password=p`, libpq's `host=h password=p`.
 *
 * In doubt it hides more: a value without quotes ends where the next `name=` begins, and where both `;` and a space may
 * separate the pairs, a secret goes on to the end. A text without a secret's name stays as it is.
 *
 * @param redactValue - hides the secrets of a value that is none itself, such as a URL in it
 */
export function redactPairs(text: string, redactValue: (value: string) => string): string {
  const end = pairEnd(text)
  let result = ''
  let from = 0
  for (let pair = nextPair(text, from); pair !== undefined; pair = nextPair(text, from)) {
    const { name, start } = pair
    const to = valueEnd(text, start, end)
    const value = text.slice(start, to)
    const safe = value !== '' && isSecretName(name) ? hidden : redactValue(value)
    result += text.slice(from, start) + (safe === value ? '' : safe)
    from = safe === value ? start : to // what is no secret may hold other pairs
  }
  return result + text.slice(from)
}

/** The next `name =` and where its value starts. Of a name of several words the last one counts: `Account Key`. */
function nextPair(text: string, from: number): { name: string; start: number } | undefined {
  const equals = text.indexOf('=', from)
  if (equals === -1) return undefined
  const name =
    text
      .slice(from, equals)
      .trimEnd()
      .split(/[\s;&,?]/)
      .at(-1) ?? ''
  const spaces = /^\s*/.exec(text.slice(equals + 1))?.[0].length ?? 0
  return { name, start: equals + 1 + spaces }
}

/** What ends a value in this text. */
function pairEnd(text: string): RegExp {
  const pieces = text.split(';')
  if (pieces.length === 1) return /\s+[\w.-]+\s*=|[&,]\s*[\w.-]+\s*=|$/g
  const hasBoth = pieces.some((piece) => /=.*\s[^\s=]+\s*=/s.test(piece))
  return hasBoth ? /$/g : /;(?=\s*[\w .-]+=|\s*$)|$/g
}

const quoted = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\{(?:[^}]|\}\})*\}/sy

/** In quotes or braces a value may hold what ends another; when they are not closed, it is all that follows. */
function valueEnd(text: string, start: number, end: RegExp): number {
  quoted.lastIndex = start
  if (/['"{]/.test(text[start] ?? '') && !quoted.test(text)) return text.length
  end.lastIndex = Math.max(start, quoted.lastIndex)
  return end.exec(text)?.index ?? text.length
}
