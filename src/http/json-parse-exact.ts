// A second reader, for texts with numbers that `JSON.parse` would round. `JSON.parse` has the first look, so that this one
// reads only what is known to be JSON and need not check anything; the reviver that sees a number's digits came with
// Node 22. It keeps its own stack, so depth is limited by memory alone, as in `JSON.parse`.

type JsonObject = Record<string, unknown>

interface Frame {
  readonly container: unknown[] | JsonObject
  /** The name of the member whose value comes next; undefined in arrays and before a name. */
  key: string | undefined
}

/**
 * Reads JSON text, each number by a function of its digits. Keys are left out as `parseJson` says.
 *
 * @throws SyntaxError when it is not JSON
 */
export function parseExact(source: string, readNumber: (digits: string) => unknown): unknown {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  JSON.parse(text)
  const frames: Frame[] = []
  let result: unknown
  let at = 0

  function add(value: unknown): void {
    const frame = frames.at(-1)
    if (frame === undefined) result = value
    else if (Array.isArray(frame.container)) frame.container.push(value)
    else {
      setMember(frame.container, frame.key as string, value)
      frame.key = undefined
    }
  }

  function addString(): void {
    const end = endOfString(text, at)
    const token = text.slice(at, end)
    const value: string = token.includes('\\') ? JSON.parse(token) : token.slice(1, -1)
    at = end
    const frame = frames.at(-1)
    if (frame !== undefined && frame.key === undefined && !Array.isArray(frame.container)) frame.key = value
    else add(value)
  }

  function addNumber(): void {
    const start = at
    while (at < text.length && isNumberPart(text.charCodeAt(at))) at++
    add(readNumber(text.slice(start, at)))
  }

  function addWord(value: boolean | null, length: number): void {
    at += length
    add(value)
  }

  while (at < text.length) {
    switch (text[at]) {
      case '{':
      case '[':
        frames.push({ container: text[at] === '{' ? {} : [], key: undefined })
        at++
        break
      case '}':
      case ']':
        add(frames.pop()?.container)
        at++
        break
      case '"':
        addString()
        break
      case 't':
        addWord(true, 4)
        break
      case 'f':
        addWord(false, 5)
        break
      case 'n':
        addWord(null, 4)
        break
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ',':
      case ':':
        at++
        break
      default:
        addNumber()
    }
  }
  return result
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** Digits, `+`, `-`, `.`, `E` and `e`. */
function isNumberPart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65
}

function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') return
  // As secure-json-parse does: the last of two counts, also when it is the one that must go.
  if (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')) {
    delete object[key]
  } else {
    object[key] = value
  }
}
