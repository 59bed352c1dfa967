import type {
  ResultBackend,
  ResultBackendAbilities,
  ResultBackendKind,
} from '../../../src/celery/backends/result-backend.ts'

/** What a store brings to the suite. Hooks that are missing leave out the cases that need them. */
export interface BackendVariant {
  readonly kind: ResultBackendKind
  readonly capabilities: BackendCapabilities
  /** A handle of its own, as another process would have it, to the same store. The suite closes it. */
  open(settings?: OpenSettings): ResultBackend | Promise<ResultBackend>
  /** A handle whose store cannot be reached, with few tries. The suite closes it. */
  unreachable?(): ResultBackend | Promise<ResultBackend>
  /** Texts of the URL that no address and no error may show. */
  readonly secrets?: readonly string[]
  /** Cuts the connections of this handle, as a network would. Resolves when they are cut; the driver makes new ones. */
  interrupt?(backend: ResultBackend): Promise<void>
  /** Puts what is no result where the result of a task is kept. */
  pokeRaw?(taskId: string, text: string): Promise<void>
  /** Saves a group as Python does. */
  saveGroup?(groupId: string, tuple: unknown): Promise<void>
}

export interface OpenSettings {
  /** In seconds. Default a day. */
  readonly resultExpires?: number | null | undefined
}

/** What not every store can. Each has cases of its own, or another expectation. */
export interface BackendCapabilities {
  /** What the handle must say of itself. */
  readonly abilities: ResultBackendAbilities
  /** Whether every field of a result is kept, or only `taskId`, `status`, `result`, `traceback` and `children`. */
  readonly fields: 'all' | 'core'
  /** Whether results are thrown away some time after `resultExpires`, in a way that a handle can see. */
  readonly expires: boolean
}

/** Cases that do not hold for a store: the title and why. */
export type Skips = Readonly<Record<string, string>>
