/** The media type of a `content-type` value, in lower case and without parameters; `''` when there is none. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === undefined) return ''
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

/** The `charset` parameter of a `content-type` value, in lower case; undefined when there is none. */
export function charset(contentType: string | undefined): string | undefined {
  const match = contentType === undefined ? null : /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType)
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

/** `application/json` and everything with the suffix `+json` (RFC 6839 §3.1). */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || (type.endsWith('+json') && type.includes('/'))
}
