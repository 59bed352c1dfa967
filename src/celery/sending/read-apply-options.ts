import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { unknownOptions } from '../../lib/unknown-options.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import { APPLY_OPTIONS, type ApplyOptions, type Linked } from './apply-options.ts'
import { type CallOptions, NO_OPTIONS } from './call-options.ts'

/**
 * Reads the options of a call.
 *
 * @param what - the call, for the message: `school.send_report.applyAsync`
 * @throws TypeError with everything that is wrong with them
 */
export function readApplyOptions(what: string, options: ApplyOptions | undefined): CallOptions {
  if (options === undefined) return NO_OPTIONS
  const problems: string[] = unknownNames(options)
  const seconds = (name: 'countdown' | 'timeLimit' | 'softTimeLimit') => readSeconds(options[name], name, problems)
  const { expires, eta } = options
  checkValues(options, problems)
  const read: CallOptions = {
    queue: options.queue,
    exchange: options.exchange,
    routingKey: options.routingKey,
    priority: options.priority,
    serializer: options.serializer,
    compression: options.compression,
    expires: expires instanceof Date ? expires : readSeconds(expires, 'expires', problems),
    timeLimit: seconds('timeLimit'),
    softTimeLimit: seconds('softTimeLimit'),
    ignoreResult: options.ignoreResult,
    countdown: seconds('countdown'),
    eta,
    retries: options.retries,
    headers: options.headers,
    callbacks: readLinks(options.link, 'link', problems),
    errbacks: readLinks(options.linkError, 'linkError', problems),
    taskId: options.taskId,
    shadow: options.shadow,
    replyTo: options.replyTo,
    argsrepr: options.argsrepr,
    kwargsrepr: options.kwargsrepr,
  }
  assertNoProblems(what, problems)
  return read
}

/** Calls are made often: what is near is looked for only when there is something wrong. */
function unknownNames(options: ApplyOptions): string[] {
  for (const name in options) {
    if (!APPLY_OPTIONS.has(name)) return [...unknownOptions(options, APPLY_OPTIONS, 'a call')]
  }
  return []
}

function checkValues(
  { countdown, eta, expires, priority, retries, taskId, queue, exchange }: ApplyOptions,
  problems: string[],
): void {
  if (countdown !== undefined && eta !== undefined)
    problems.push('`countdown` and `eta` say the same; give one of them')
  for (const [name, date] of Object.entries({ eta, expires })) {
    if (date instanceof Date ? Number.isNaN(date.getTime()) : name === 'eta' && date !== undefined) {
      problems.push(`\`${name}\` must be a valid Date`)
    }
  }
  if (priority !== undefined && !isCount(priority, 255)) problems.push('`priority` must be an integer from 0 to 255')
  if (retries !== undefined && !isCount(retries)) problems.push('`retries` must be an integer from 0')
  if (taskId !== undefined && (typeof taskId !== 'string' || taskId === '')) problems.push('`taskId` must be a text')
  if (queue !== undefined && (typeof queue !== 'string' || queue === ''))
    problems.push('`queue` must be the name of a queue')
  if (exchange !== undefined && typeof exchange !== 'string')
    problems.push('`exchange` must be the name of an exchange')
}

function isCount(value: number, most = Number.POSITIVE_INFINITY): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most
}

function readSeconds(duration: Duration | undefined, name: string, problems: string[]): number | undefined {
  if (duration === undefined) return undefined
  try {
    return toMilliseconds(duration, name) / 1000
  } catch (error) {
    problems.push((error as Error).message)
    return undefined
  }
}

function readLinks(
  links: Linked | readonly Linked[] | undefined,
  name: string,
  problems: string[],
): readonly SignatureData[] | undefined {
  if (links === undefined) return undefined
  const list: readonly Linked[] = Array.isArray(links) ? links : [links]
  return list.map((link) => {
    const data = isData(link) ? link : link?.toJSON?.()
    if (typeof data?.task !== 'string') problems.push(`\`${name}\` must be a signature, or a list of them`)
    return data
  })
}

function isData(link: Linked): link is SignatureData {
  return typeof (link as Partial<SignatureData> | null)?.task === 'string' && !('toJSON' in link)
}
