/** `https://host/path?query#…` → `/path?query`; a text without a host stays as it is. */
export function originForm(url: string): string {
  const scheme = url.indexOf('://')
  if (scheme < 0) return url
  const path = url.indexOf('/', scheme + 3)
  const fragment = url.indexOf('#')
  return path < 0 ? '/' : url.slice(path, fragment < 0 ? undefined : fragment)
}
