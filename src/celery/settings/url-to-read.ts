import type { ParsedUrl } from '../../config/parse-url.ts'
import type { TlsSettings } from '../brokers/broker-address.ts'

/** A URL in parts, and what was decided of it. */
export interface UrlToRead {
  readonly url: ParsedUrl
  /** Without its secrets. */
  readonly text: string
  readonly query: ReadonlyMap<string, string>
  readonly tls: TlsSettings | undefined
}

/** The host in small letters, as Python's `urlparse` gives it; this machine when there is none. */
export function hostOf({ hostname }: ParsedUrl): string {
  return hostname?.toLowerCase() || '127.0.0.1'
}
