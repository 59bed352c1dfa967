import { Handled } from './handled.ts'

/** What a middleware's pipeline ends with when the framework's own handler comes next. */
export const PROCEED: Handled = new Handled(undefined, 200)

/** Keeps, for one middleware, what its steps added to each request, until the request is gone. */
export class MiddlewareContexts<C> {
  readonly #contexts = new WeakMap<object, C>()

  set(request: object, context: C): void {
    this.#contexts.set(request, context)
  }

  /** @throws TypeError when the middleware has not run for this request */
  get(request: object): C {
    const context = this.#contexts.get(request)
    if (context === undefined) {
      throw new TypeError(
        'This middleware has not run for this request; register it before the handler that asks for its context.',
      )
    }
    return context
  }
}
