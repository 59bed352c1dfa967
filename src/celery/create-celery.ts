import { getRelease } from '../deployment-release/get-release.ts'
import { assertNoProblems } from '../lib/problems.ts'
import { unknownOptions } from '../lib/unknown-options.ts'
import type { Celery, CeleryConf } from './celery-app.ts'
import { CeleryHost } from './celery-host.ts'
import { createLogger } from './logging/create-logger.ts'
import { openConnections } from './open-connections.ts'
import { readSettings } from './settings/read-settings.ts'
import type { CeleryConfig } from './settings/settings.ts'
import { WITHOUT_EFFECT } from './settings/without-effect.ts'
import type { Logger } from './task/logger.ts'

/** How an app is made. */
export interface CeleryOptions {
  /** Set `celery.version` to what `getRelease()` tells. Default true. */
  readonly injectVersion?: boolean | undefined
  /** Where `CELERY_BROKER_URL` and `CELERY_RESULT_BACKEND` are looked for before the configuration. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Where lines go: pino, or anything of its shape. Default: standard error, for people on a terminal, else JSON. */
  readonly logger?: Logger | undefined
}

/**
 * Makes an app: the original's `create_celery`.
 *
 * Without a configuration and a variable `CELERY_BROKER_URL`, broker and result store are in this process (`memory://`). Nothing
 * connects before it is needed.
 *
 * @param name - of the app, for logs
 * @param config - Celery's settings by any of their names (`CELERY_BROKER_URL`, `broker_url`, `brokerUrl`); others may stand
 *   beside them
 * @throws TypeError with everything that is wrong with settings and options; ReleaseError `ERR_RELEASE_UNREADABLE`
 * @see https://docs.celeryq.dev/en/stable/userguide/application.html
 *
 * @example
 * ```ts
 * import { createCelery } from 'twopi/celery'
 *
 * export const celery = createCelery('school', { CELERY_BROKER_URL: 'redis://localhost/0' })
 * export const sendReport = celery.task('school.send_report', async (_context, classId: string) => ({ classId, pages: 3 }))
 * ```
 */
export function createCelery(name: string, config: CeleryConfig = {}, options: CeleryOptions = {}): Celery {
  assertOptions(options)
  const { injectVersion = true, environment = process.env, logger = createLogger() } = options
  if (typeof name !== 'string' || name === '') throw new TypeError('createCelery: expected a name, such as school')
  const settings = readSettings(config, { environment })
  if (settings.ignored.length > 0) {
    logger.warn(
      { app: name, settings: settings.ignored },
      'settings that mean something in Python alone are passed over',
    )
  }
  const idle = [...settings.given].filter((setting) => WITHOUT_EFFECT.has(setting))
  if (idle.length > 0) logger.warn({ app: name, settings: idle }, 'settings that have no effect yet')
  const conf: CeleryConf = Object.freeze({ ...config, ...settings })
  const version = injectVersion ? getRelease() : undefined
  return new CeleryHost({
    name,
    version,
    conf,
    settings,
    logger,
    open: openConnections(settings),
    now: Date.now,
    random: Math.random,
  })
}

function assertOptions(options: CeleryOptions): void {
  const { logger } = options
  const problems = [...unknownOptions(options, ['injectVersion', 'environment', 'logger'], 'createCelery()')]
  const methods = ['debug', 'info', 'warn', 'error'] as const
  if (logger !== undefined && !methods.every((method) => typeof logger?.[method] === 'function')) {
    problems.push('`logger` must have the methods debug, info, warn and error, as pino has')
  }
  assertNoProblems('createCelery', problems)
}
