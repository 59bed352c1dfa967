import { oldNameOf, settingRules } from '../../src/celery/settings/setting-names.ts'
import type { SettingRule } from '../../src/celery/settings/setting-rule.ts'

const kinds: Readonly<Record<SettingRule['kind'], string>> = {
  flag: 'true or false',
  seconds: 'seconds',
  integer: 'integer',
  number: 'number',
  text: 'text',
  texts: 'list of texts',
  options: 'object',
  objects: 'object',
  anything: 'anything',
  url: 'URL or list',
  tls: 'true or object',
  rate: 'number or text',
  mode: '1 or 2',
  exchangeType: 'type of exchange',
  queues: 'queues',
  routes: 'routes',
  policy: 'object',
}

/** The cells of a row of docs/celery-settings.md but for the last, its meaning: name, older name, kind, default. */
export function settingRows(): string[][] {
  return Object.entries(settingRules).map(([name, rule]) => [
    `\`${name}\``,
    `\`${oldNameOf(name, rule.old)}\``,
    rule.oneOf === undefined ? kinds[rule.kind] : rule.oneOf.map((word) => `\`${word}\``).join(', '),
    defaultText(rule),
  ])
}

function defaultText({ default: value, sameAs }: SettingRule): string {
  if (sameAs !== undefined) return `as \`${sameAs}\``
  if (value === undefined) return '—'
  if (value === Number.POSITIVE_INFINITY) return '`Infinity`'
  return `\`${JSON.stringify(value)
    .replace(/"(\w+)":/g, '$1: ')
    .replaceAll('"', "'")
    .replaceAll(/,(?! )/g, ', ')}\``
}
