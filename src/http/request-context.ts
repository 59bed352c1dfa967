import type { HttpRequest } from './request.ts'

/** What every step and view has from the start. */
export interface RequestContext {
  readonly request: HttpRequest
}
