import { HttpResponse } from '../../http/http-response.ts'
import type { Outcome } from '../../http/pipeline-types.ts'
import { Reply } from '../../http/reply.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { AROUND } from '../../lib/around.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'

// Shared caches keep no answer to a request with an `Authorization` header (RFC 9111 section 3.5). Of a token in the URL or
// in a cookie they know nothing, so the answer has to say it (RFC 6750 section 2.3).

const NAME = 'cache-control'

type Next = (added?: object) => MaybePromise<Outcome>

/**
 * Makes a step one around the rest, which marks the answer `cache-control: private`. It adds no promise of its own, and the
 * step itself can still be called.
 *
 * @param step - what it adds to the context
 * @param isPrivate - asked before the step, whether this request's answer is to be marked
 */
export function keepPrivate<Step extends (context: RequestContext) => MaybePromise<object>>(
  step: Step,
  isPrivate: (context: RequestContext) => boolean,
): Step {
  const run = (context: RequestContext, next: Next): MaybePromise<Outcome> => {
    const finish = isPrivate(context) ? marked : asItIs
    const go = (added: object): MaybePromise<Outcome> => {
      const outcome = next(added)
      return isPromiseLike(outcome) ? outcome.then(finish) : finish(outcome)
    }
    const added: object | PromiseLike<object> = step(context)
    return isPromiseLike(added) ? (added as PromiseLike<object>).then(go) : go(added)
  }
  return Object.defineProperty(step, AROUND, { value: run })
}

function asItIs(outcome: Outcome): Outcome {
  return outcome
}

/** What the view says of caches itself stands. An answer that the framework gives by its own means is out of reach. */
function marked(outcome: Outcome): Outcome {
  if (outcome instanceof Reply || outcome instanceof HttpResponse) {
    const { status, headers } = outcome
    if (Object.keys(headers).some((name) => name.toLowerCase() === NAME)) return outcome
    const more = { ...headers, [NAME]: 'private' }
    return outcome instanceof Reply
      ? new Reply(outcome.data, status, more)
      : new HttpResponse(status, more, outcome.body)
  }
  // What is left is a `Response`, or the mark of an answer that is being given already.
  if (!('headers' in outcome) || outcome.headers.has(NAME)) return outcome
  try {
    outcome.headers.set(NAME, 'private')
    return outcome
  } catch {
    // Those of a redirect, and of what `fetch` gave, cannot be changed.
    const headers = new Headers(outcome.headers)
    headers.set(NAME, 'private')
    return new Response(outcome.body, { status: outcome.status, statusText: outcome.statusText, headers })
  }
}
