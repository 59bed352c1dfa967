/**
 * Configuration: URLs with parts replaced or hidden, and typed settings from the environment.
 *
 * @module twopi/config
 */
export { buildUrl, type QueryOverrides, type UrlOverrides } from './build-url.ts'
export type { ConfigOf, ConfigOverrides, ConfigSchema, ConfigShape } from './config-types.ts'
export { ConfigError, type ConfigProblem } from './errors.ts'
export { type ConfigSources, configSources, loadConfig } from './load-config.ts'
export { type ParsedUrl, parseUrl } from './parse-url.ts'
export { redactConfig } from './redact-config.ts'
export { redactUrl } from './redact-url.ts'
