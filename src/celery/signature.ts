import { brand } from '../lib/brand.ts'
import type { SignatureData } from './protocol/signature-data.ts'
import type { AsyncResult } from './results/async-result.ts'
import type { ApplyOptions, Linked } from './sending/apply-options.ts'
import type { CallOptions } from './sending/call-options.ts'
import { readApplyOptions } from './sending/read-apply-options.ts'
import { toWireOptions } from './sending/wire-options.ts'

/** Sends one call. */
export type SendCall = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: CallOptions,
) => Promise<AsyncResult>

/** What a signature holds. */
export interface SignatureParts {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly options: CallOptions
  readonly immutable: boolean
}

/** Options of {@link Signature.applyAsync}: of the call, and the arguments that are put before the signature's own. */
type SignatureCall<Missing extends readonly unknown[]> = [] extends Missing
  ? [options?: ApplyOptions & { readonly args?: Missing | undefined }]
  : [options: ApplyOptions & { readonly args: Missing }]

/**
 * A task and its arguments, to be called later, or by others: after another task, in a chain. It never changes; its methods
 * give new ones.
 *
 * @typeParam Missing - the arguments that are still to come; they are put before those it has
 * @typeParam Result - what the task returns
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#signatures
 */
export class Signature<Missing extends readonly unknown[] = readonly unknown[], Result = unknown> {
  /** Name of the task. */
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** True: results of tasks before it are not put before its arguments. */
  readonly immutable: boolean
  readonly #options: CallOptions
  readonly #send: SendCall

  /** Made by tasks (`task.s`, `task.si`) and by `celery.signature`. */
  constructor(task: string, send: SendCall, { args, kwargs, options, immutable }: SignatureParts) {
    this.task = task
    this.args = args
    this.kwargs = kwargs
    this.immutable = immutable
    this.#options = options
    this.#send = send
  }

  /** Sends it. Resolves when the broker has stored the call. */
  delay(...args: Missing): Promise<AsyncResult<Result>> {
    return this.#call(args, {}, {})
  }

  /** Sends it with other options; they win over its own. */
  applyAsync(...[options]: SignatureCall<Missing>): Promise<AsyncResult<Result>> {
    if (options === undefined) return this.#call([], {}, {})
    const { args = [], kwargs = {}, ...rest } = options
    return this.#call(args, kwargs, readApplyOptions(`${this.task}.applyAsync`, rest))
  }

  /** The same with other options; those that are not named stay. */
  set(options: ApplyOptions): Signature<Missing, Result> {
    const { kwargs = {}, ...rest } = options
    return this.#with({
      kwargs: { ...this.kwargs, ...kwargs },
      options: merge(this.#options, readApplyOptions(`${this.task}.set`, rest)),
    })
  }

  /** The same with arguments put before its own and others given by name. */
  clone(args: Missing | readonly [] = [], kwargs: Readonly<Record<string, unknown>> = {}): Signature<[], Result> {
    if (this.immutable) return this.#with({})
    return this.#with({ args: [...args, ...this.args], kwargs: { ...this.kwargs, ...kwargs } })
  }

  /** The same, and when it succeeded these are called with its result. */
  link(...signatures: readonly Linked[]): Signature<Missing, Result> {
    const { callbacks = [] } = readApplyOptions(`${this.task}.link`, { link: signatures })
    return this.#with({ options: { ...this.#options, callbacks: [...(this.#options.callbacks ?? []), ...callbacks] } })
  }

  /** The same, and when it failed these are called with the id of the task. */
  linkError(...signatures: readonly Linked[]): Signature<Missing, Result> {
    const { errbacks = [] } = readApplyOptions(`${this.task}.linkError`, { linkError: signatures })
    return this.#with({ options: { ...this.#options, errbacks: [...(this.#options.errbacks ?? []), ...errbacks] } })
  }

  /** As it travels inside messages. */
  toJSON(): SignatureData {
    return {
      task: this.task,
      args: this.args,
      kwargs: this.kwargs,
      options: toWireOptions(this.#options),
      subtask_type: null,
      immutable: this.immutable,
    }
  }

  #call(
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<AsyncResult<Result>> {
    const isWhole = this.immutable || args.length === 0
    return this.#send(
      this.task,
      isWhole ? this.args : [...args, ...this.args],
      this.immutable ? this.kwargs : { ...this.kwargs, ...kwargs },
      merge(this.#options, options),
    ) as Promise<AsyncResult<Result>>
  }

  #with<Left extends readonly unknown[] = Missing>(parts: Partial<SignatureParts>): Signature<Left, Result> {
    const { args, kwargs, immutable } = this
    return new Signature(this.task, this.#send, { args, kwargs, immutable, options: this.#options, ...parts })
  }

  static {
    brand(this, 'Signature')
  }
}

/** Both, the second one winning where it says something. */
function merge(first: CallOptions, second: CallOptions): CallOptions {
  const merged: Record<string, unknown> = { ...first }
  for (const [name, value] of Object.entries(second)) if (value !== undefined) merged[name] = value
  // The one given last decides when it runs.
  if (second.countdown !== undefined) delete merged['eta']
  if (second.eta !== undefined) delete merged['countdown']
  return merged
}
