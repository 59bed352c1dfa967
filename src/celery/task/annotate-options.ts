import type { TaskOptions } from './task-options.ts'

/**
 * A task's options with those that the setting `taskAnnotations` has for it: `{ 'school.send_report': { rate_limit: '10/m' } }`,
 * `'*'` for all tasks, or a list of such objects. What the configuration says wins over what the code says.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#task-annotations
 */
export function annotateOptions<Options extends TaskOptions>(
  name: string,
  options: Options,
  annotations: unknown,
): Options {
  if (annotations === undefined) return options
  const all = Array.isArray(annotations) ? annotations : [annotations]
  const found = all.flatMap((one) => [memberOf(one, '*'), memberOf(one, name)])
  return Object.assign({ ...options }, ...found.map(inOurCasing))
}

function memberOf(annotations: unknown, name: string): object {
  if (typeof annotations !== 'object' || annotations === null || !Object.hasOwn(annotations, name)) return {}
  const found: unknown = (annotations as Record<string, unknown>)[name]
  return typeof found === 'object' && found !== null ? found : {}
}

function inOurCasing(options: object): object {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}
