import type { HttpResponse } from './http-response.ts'
import type { Handled } from './outcome.ts'
import { outputJson } from './output-json.ts'
import type { Outcome } from './pipeline-types.ts'
import { Reply } from './reply.ts'

/** What is left to send of an outcome: replies are written as JSON, everything else is finished already. */
export function render(outcome: Outcome): HttpResponse | Response | Handled {
  if (outcome instanceof Reply) return outputJson(outcome.data, outcome.status, outcome.headers)
  return outcome as HttpResponse | Response | Handled
}
