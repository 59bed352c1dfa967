/** How JSON is written. */
export interface JsonOptions {
  readonly decimals?: 'string' | 'number' | undefined
}

/** Writes JSON. */
export function stringifyJson(data: unknown, _options: JsonOptions = {}): string {
  return JSON.stringify(data) ?? 'null'
}
