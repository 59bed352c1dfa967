import { NOTE } from '../../http/step-marks.ts'

// A pipeline shows a step with CHECK the steps before it, at set-up. The types say the same, but not to JavaScript.

const CHECK = Symbol.for('twopi.check')
/** On the steps of parseAuthHeader and authRequired: what they do with `token`. */
const TOKEN = Symbol.for('twopi.token')
/** On the steps of useArgs, which add no token. */
const ARGS = Symbol.for('twopi.args')

type Marked = { readonly [TOKEN]?: 'adds' | 'needs'; readonly [ARGS]?: unknown; readonly [NOTE]?: true }

/** Marks a step that needs a token. It refuses to stand where no step before can have added one. */
export function asRequiringStep<Step extends object>(step: Step, message: string): Step {
  return mark(step, 'needs', (before) => {
    if (!before.some(mayAddToken)) throw new TypeError(message)
  })
}

/** Marks a step that adds a token. It refuses to stand after one that needs it, unless that has one of its own. */
export function asAddingStep<Step extends object>(step: Step): Step {
  return mark(step, 'adds', (before) => {
    const steps = before as readonly Marked[]
    const needs = steps.findIndex((other) => other[TOKEN] === 'needs')
    if (needs < 0 || steps.slice(0, needs).some((other) => other[TOKEN] === 'adds')) return
    throw new TypeError('parseAuthHeader() stands after authRequired(); put it before.')
  })
}

function mark<Step extends object>(
  step: Step,
  token: 'adds' | 'needs',
  check: (before: readonly unknown[]) => void,
): Step {
  return Object.defineProperties(step, { [TOKEN]: { value: token }, [CHECK]: { value: check } })
}

/** Steps of the application may add anything. */
function mayAddToken(step: unknown): boolean {
  const { [TOKEN]: token, [ARGS]: args, [NOTE]: note } = step as Marked
  return token === 'adds' || (token === undefined && args === undefined && note !== true)
}
