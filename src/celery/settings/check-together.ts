import { readBrokerUrl } from './parse-broker-url.ts'
import type { Problem } from './read-value.ts'
import type { SettingName } from './setting-names.ts'
import type { Settings } from './settings.ts'

/** Finds what is wrong in settings only together with others. */
export function checkTogether(
  settings: Settings,
  given: ReadonlyMap<SettingName, { readonly name: string }>,
  problem: Problem,
): void {
  const nameOf = (setting: SettingName): string => given.get(setting)?.name ?? setting
  for (const setting of ['brokerUrl', 'brokerReadUrl', 'brokerWriteUrl', 'resultBackend'] as const) {
    const url = settings[setting]
    if (typeof url !== 'string' || (setting !== 'brokerUrl' && !given.has(setting))) continue
    const role = setting === 'resultBackend' ? 'result' : 'broker'
    const [useSsl, options] =
      role === 'result'
        ? [settings.redisBackendUseSsl, settings.resultBackendTransportOptions]
        : [settings.brokerUseSsl, settings.brokerTransportOptions]
    const address = readBrokerUrl(url, { role, useSsl }, (text) => problem(`\`${nameOf(setting)}\`: ${text}`))
    if (address?.kind === 'sentinel' && typeof options['master_name'] !== 'string') {
      const where = role === 'result' ? 'resultBackendTransportOptions' : 'brokerTransportOptions'
      problem(`\`${nameOf(setting)}\` names sentinels: \`${where}\` must have \`master_name\``)
    }
  }
  if (!isTimeZone(settings.timezone)) {
    problem(`\`${nameOf('timezone')}\` must be the name of a time zone such as 'Europe/Vienna', found another text`)
  }
  const { brokerUrl, brokerReadUrl, brokerWriteUrl } = settings
  if (
    brokerReadUrl !== brokerWriteUrl &&
    [brokerUrl, brokerReadUrl, brokerWriteUrl].some((url) => url.startsWith('memory:'))
  ) {
    problem('`brokerReadUrl` and `brokerWriteUrl` must be the same broker, found `memory://` and another one')
  }
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
