import { dateText } from './date-text.ts'
import type { PlainTree } from './plain-tree.ts'

/**
 * Writes YAML 1.1 in its flow style, on one line and in ASCII: nothing in it is left to a reader's taste, so PyYAML's safe
 * loader reads what was meant.
 */
export function yamlText(tree: PlainTree): string {
  if (tree === null) return 'null'
  switch (typeof tree) {
    case 'string':
      return quote(tree)
    case 'number':
      return numberText(tree)
    case 'boolean':
    case 'bigint':
      return String(tree)
    default:
      return objectText(tree)
  }
}

function objectText(tree: Exclude<PlainTree, null | boolean | number | bigint | string>): string {
  if (Array.isArray(tree)) return `[${tree.map(yamlText).join(', ')}]`
  if (tree instanceof Date) return dateText(tree)
  if (tree instanceof Uint8Array) return `!!binary "${Buffer.from(tree).toString('base64')}"`
  return `{${Object.entries(tree).map(member).join(', ')}}`
}

function member([key, value]: [string, PlainTree]): string {
  // A key before a colon may have 1024 characters, in whatever way it is written; behind a question mark it may be long.
  return key.length > 100 ? `? ${quote(key)} : ${yamlText(value)}` : `${quote(key)}: ${yamlText(value)}`
}

/** YAML 1.1 wants a point in a float, and a sign before its exponent. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
  return text.replace(/^(-?\d+)e/, '$1.0e')
}

/** A text as JSON has it, but with a code point beyond the first 65536 as one escape: PyYAML does not join surrogates. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\u{10ffff}]/gu, (c) => {
    const point = c.codePointAt(0) ?? 0
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`
  })
}

function hex(point: number, length: number): string {
  return point.toString(16).padStart(length, '0')
}
