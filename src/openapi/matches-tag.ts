/** One tag of a list, with what stands before it (RFC 9110 section 8.8.3). */
const TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/**
 * Whether a client has this version already (RFC 9110 section 13.1.2): the header is a list of tags, which are compared
 * weakly, because a proxy that compresses makes them weak; `*` is any version.
 *
 * @param header - `If-None-Match`
 * @param etag - a strong one, in its quotes
 */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return [...header.matchAll(TAG)].some(([, tag]) => tag === etag)
}
