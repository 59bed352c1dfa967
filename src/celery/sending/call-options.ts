import type { SignatureData } from '../protocol/signature-data.ts'
import type { OwnOptions } from './own-options.ts'

/** All that can be said of one call, read: lengths of time are seconds, links are data. */
export interface CallOptions extends OwnOptions {
  readonly countdown?: number | undefined
  readonly eta?: Date | undefined
  readonly retries?: number | undefined
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  readonly callbacks?: readonly SignatureData[] | undefined
  readonly errbacks?: readonly SignatureData[] | undefined
  readonly taskId?: string | undefined
  readonly shadow?: string | undefined
  readonly replyTo?: string | undefined
  readonly argsrepr?: string | undefined
  readonly kwargsrepr?: string | undefined

  // What only a signature that travels says.
  readonly rootId?: string | undefined
  readonly parentId?: string | undefined
  readonly group?: string | undefined
  readonly groupIndex?: number | undefined
  /** In wire order: the next one is last. */
  readonly chain?: readonly SignatureData[] | undefined
  readonly chord?: SignatureData | undefined
  readonly stampedHeaders?: readonly string[] | undefined
  readonly stamps?: Readonly<Record<string, unknown>> | undefined
}

/** Nothing is said. */
export const NO_OPTIONS: CallOptions = Object.freeze({})
