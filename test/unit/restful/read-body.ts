import { parseJson } from '../../../src/http/json-parse.ts'

/** A body's JSON, big integers kept; its text when it is not JSON; undefined when it is empty. */
export function readBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return parseJson(text, { bigNumbers: 'bigint' })
  } catch {
    return text
  }
}
