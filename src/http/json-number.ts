/**
 * Tells whether reading a JSON number as a double changes its value, when both are written in decimal: `0.1` does not
 * (it is read and written as `0.1`), `0.12345678901234567890` and `1e400` do. Zeros that mean nothing are no digits.
 */
export function losesDigits(literal: string): boolean {
  const sent = canonical(literal)
  return sent === undefined || sent !== canonical(String(Number(literal)))
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The value as `<digits without zeros at either end>e<exponent>`; undefined for what is no number (`Infinity`). */
function canonical(literal: string): string | undefined {
  const match = NUMBER.exec(literal)
  if (match === null) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  // By hand: `/0+$/` takes quadratic time on digits that somebody chose.
  let start = 0
  while (digits[start] === '0') start++
  let end = digits.length
  while (end > start && digits[end - 1] === '0') end--
  if (start === end) return '0'
  return `${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}
