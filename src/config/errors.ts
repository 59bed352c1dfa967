import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/** One thing that is wrong with a configuration. Never holds a value. */
export interface ConfigProblem {
  /** The variable, as it must be set: `TWOPI_DB__PORT`. For a file of variables, its path; for an override, its key. */
  readonly name: string
  /** Where the value belongs in the configuration: `['db', 'port']`. */
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Thrown when a configuration is not what its schema asks for. Lists every problem. Codes: `ERR_CONFIG_INVALID`. */
export class ConfigError extends TwopiError {
  override readonly code = 'ERR_CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, message }) => `\n  ${name}: ${message}`)
    super(
      `the configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:${lines.join('')}`,
    )
    this.problems = problems
  }

  static {
    brand(this, 'ConfigError')
  }
}
