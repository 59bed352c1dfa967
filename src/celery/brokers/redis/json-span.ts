/** Where a value stands in a JSON text: from its first character to behind its last. */
export interface JsonSpan {
  readonly start: number
  readonly end: number
}

/**
 * Finds the value of an object's member without reading the rest: numbers, escapes and spaces stay what they are.
 *
 * @param text - valid JSON
 * @param object - where the object's `{` stands
 * @returns the last member of this name, as parsers take it; undefined when there is none, or no object
 */
export function memberSpan(text: string, object: number, name: string): JsonSpan | undefined {
  if (text[object] !== '{') return undefined
  let found: JsonSpan | undefined
  let at = skipSpace(text, object + 1)
  while (text[at] === '"') {
    const keyEnd = skipString(text, at)
    const key = text.slice(at + 1, keyEnd - 1)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1) // behind the colon
    const end = skipValue(text, start)
    if (key === name) found = { start, end }
    at = skipSpace(text, end)
    if (text[at] !== ',') return found
    at = skipSpace(text, at + 1)
  }
  return found
}

/** Finds the values of an array. */
export function itemSpans(text: string): JsonSpan[] {
  const spans: JsonSpan[] = []
  let at = skipSpace(text, 0)
  if (text[at] !== '[') return spans
  do {
    const start = skipSpace(text, at + 1)
    if (text[start] === ']') return spans
    const end = skipValue(text, start)
    spans.push({ start, end })
    at = skipSpace(text, end)
  } while (text[at] === ',')
  return spans
}

export function skipSpace(text: string, at: number): number {
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

function skipString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end + 1
  }
  return text.length
}

function skipValue(text: string, at: number): number {
  const first = text[at]
  if (first === '"') return skipString(text, at)
  if (first !== '{' && first !== '[') {
    while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++
    return at
  }
  let depth = 0
  while (at < text.length) {
    const char = text.charCodeAt(at)
    if (char === 0x22) {
      at = skipString(text, at)
      continue
    }
    if (char === 0x7b || char === 0x5b) depth++
    else if ((char === 0x7d || char === 0x5d) && --depth === 0) return at + 1
    at++
  }
  return at
}
