import { forget, isPromiseLike } from '../../lib/maybe-promise.ts'
import type { JwsEngine } from './jws-engine.ts'

/** What to throw when an engine that calls itself synchronous answers something else than its signature or its verdict. */
export function notSynchronous(engine: JwsEngine, answer: unknown): TypeError {
  // Nobody waits for it any more.
  if (isPromiseLike(answer)) forget(answer)
  return new TypeError(
    `The engine \`${engine.name}\` says \`sync: true\` and answered ${isPromiseLike(answer) ? 'a promise; set `sync: false`' : typeof answer}.`,
  )
}
