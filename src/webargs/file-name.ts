/** What most file systems allow for one name, in bytes. */
const LONGEST = 255

// Control characters, NUL among them; marks that turn the direction of text around and so can hide an ending; halves of
// surrogate pairs; and what Windows gives a meaning.
const REFUSED = /[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069<>:"|?*]/gu

/**
 * A name that a client has given its file, as one that is safe to write: without folders (those of any system), control
 * characters and NUL, not `.` or `..`, at most 255 bytes long with its ending kept. What is left may be empty.
 */
export function safeFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  // Windows drops dots and spaces at the end, and would find another file than the one that was checked.
  const clean = last
    .replace(REFUSED, '')
    .replace(/[. ]+$/, '')
    .trimStart()
  return shorten(clean)
}

function shorten(name: string): string {
  if (byteLength(name) <= LONGEST) return name
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 && byteLength(name.slice(dot)) <= 32 ? name.slice(dot) : ''
  let room = LONGEST - byteLength(ending)
  let stem = ''
  for (const character of name) {
    room -= byteLength(character)
    if (room < 0) break
    stem += character
  }
  return stem + ending
}

const encoder = new TextEncoder()

function byteLength(text: string): number {
  return encoder.encode(text).length
}
