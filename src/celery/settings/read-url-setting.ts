import { type Problem, wrong } from './read-value.ts'

/**
 * Reads the text of a URL, or of several in a list, to one text. What it says is read with the settings beside it.
 *
 * @returns the URLs joined by `;`; undefined for a result store that is turned off
 */
export function readUrlSetting(value: unknown, name: string, problem: Problem): string | undefined | typeof wrong {
  const urls = Array.isArray(value) ? value : [value]
  const texts = urls.map((url) => (url instanceof URL ? url.href : url))
  if (texts.length === 0 || !texts.every((url) => typeof url === 'string' && url !== '')) {
    problem(`\`${name}\` must be a URL or a list of URLs, found something else`)
    return wrong
  }
  const text = texts.join(';')
  return /^disabled(?:$|:)/.test(text) ? undefined : text
}
