import { parse } from 'secure-json-parse'

/** How JSON is read. */
export interface JsonParseOptions {
  readonly bigNumbers?: 'bigint' | ((digits: string) => unknown) | undefined
}

/** Reads JSON text; `__proto__` keys are left out. */
export function parseJson(text: string, _options: JsonParseOptions = {}): unknown {
  return parse(text, null, { protoAction: 'remove', constructorAction: 'remove' })
}
