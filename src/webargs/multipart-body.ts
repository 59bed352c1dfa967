import { BodyError } from '../http/body-errors.ts'
import { mediaType } from '../http/media-type.ts'
import type { HttpRequest } from '../http/request.ts'
import type { FileRule } from './arg-files.ts'
import { CODE_MESSAGES } from './arg-issue.ts'
import type { ArgLocation } from './arg-location.ts'
import { safeFileName } from './file-name.ts'
import { inMediaRanges } from './media-ranges.ts'
import type { Problems } from './problems.ts'
import { type FileReceiver, MalformedMultipart, type PartsReceiver, readParts } from './read-parts.ts'
import type { PlacedIssue } from './to-arg-issues.ts'
import type { UploadSettings } from './upload-options.ts'
import { UploadSink, UploadStore } from './upload-store.ts'
import { UploadedFile } from './uploaded-file.ts'
import type { ValidationErrorCode } from './validation-error.ts'

export const MULTIPART = 'multipart/form-data'

/** Which files are wanted, and within which limits. */
export interface FilesPlan {
  /** By the name of the field. */
  readonly rules: ReadonlyMap<string, FileRule>
  readonly lists: ReadonlySet<string>
  /** Whether files that nobody declared are a fault. */
  readonly refuseUnknown: boolean
  readonly uploads: UploadSettings
}

interface Fault {
  readonly issue: PlacedIssue
  readonly code?: ValidationErrorCode
  readonly cause?: unknown
}

/** A body that was read. */
export interface MultipartBody {
  readonly fields: URLSearchParams
  readonly files: ReadonlyMap<string, readonly UploadedFile[]>
  /** Whether it was read to its end; if not, what has come says nothing of what is missing. */
  readonly complete: boolean
  readonly isEmpty: boolean
}

interface Reading {
  readonly store: UploadStore | undefined
  readonly body: Promise<MultipartBody>
}

/** A body is read once, whoever asks: the files by one location, the fields by another, or by a later step. */
const readings = new WeakMap<HttpRequest, Reading>()

/**
 * The parts of a body of `multipart/form-data`. What is wrong with it becomes a problem of the location that asked first.
 *
 * @param uploads - the limits of the body
 * @param plan - which files are wanted; those of a call that is not the first are not
 * @throws BodyError `ERR_BODY_ABORTED`, MultipartMissingError; TypeError when something else has read the body
 */
export function readMultipart(
  request: HttpRequest,
  location: ArgLocation,
  problems: Problems,
  uploads: UploadSettings,
  plan?: FilesPlan,
): Promise<MultipartBody> {
  const earlier = readings.get(request)
  if (earlier !== undefined) return earlier.body
  const receiver = new Receiver(request, uploads, plan)
  const body = receiver.read(request).then((read) => {
    for (const { issue, code, cause } of receiver.faults) problems.add(location, issue, code, cause)
    return read
  })
  readings.set(request, { store: receiver.store, body })
  return body
}

/** Ends the lives of a request's uploads. Does nothing when there are none. */
export function removeUploads(request: HttpRequest): Promise<void> | undefined {
  return readings.get(request)?.store?.remove()
}

/** How large a body may be, in bytes: all files that are wanted, and the limit of the route for the rest. */
function totalLimit(request: HttpRequest, { totalSize }: UploadSettings, plan: FilesPlan | undefined): number {
  if (totalSize !== undefined) return totalSize
  let sum = request.bodyLimit
  for (const { maxSize, maxCount } of plan?.rules.values() ?? []) sum += maxSize * maxCount
  return sum
}

/** Thrown to end the reading; why is among the faults. */
const STOP: unique symbol = Symbol('stop')

const DISCARD: FileReceiver = { data: () => undefined, end: () => undefined }

class Receiver implements PartsReceiver {
  readonly maxParts: number
  readonly maxOther: number
  readonly faults: Fault[] = []
  readonly store: UploadStore | undefined
  readonly #plan: FilesPlan | undefined
  readonly #limit: number
  readonly #fields = new URLSearchParams()
  readonly #files = new Map<string, UploadedFile[]>()
  /** How many files of a name have begun. */
  readonly #begun = new Map<string, number>()
  readonly #unknown = new Set<string>()
  #open: IncomingFile[] = []
  #stopped = false

  constructor(request: HttpRequest, uploads: UploadSettings, plan: FilesPlan | undefined) {
    this.#plan = plan
    this.#limit = totalLimit(request, uploads, plan)
    this.maxParts = uploads.parts
    this.maxOther = request.bodyLimit
    if (plan !== undefined) this.store = new UploadStore(uploads)
  }

  async read(request: HttpRequest): Promise<MultipartBody> {
    const type = request.headers.get('content-type') ?? ''
    let isEmpty = false
    try {
      isEmpty = !(await readParts(request.stream(this.#limit), type, this))
    } catch (error) {
      if (error !== STOP) this.#addFailure(error)
      this.#stopped = true
    }
    return { fields: this.#fields, files: this.#files, complete: !this.#stopped, isEmpty }
  }

  #addFailure(error: unknown): void {
    if (error instanceof MalformedMultipart) {
      this.#add({ path: [], code: 'malformed', message: 'Invalid multipart body.' }, 'ERR_ARGS_MALFORMED', error)
    } else if (error instanceof BodyError && error.code === 'ERR_BODY_TOO_LARGE') {
      this.#add({ path: [], code: 'too_large', message: error.messages.join(' ') }, 'ERR_ARGS_TOO_LARGE', error)
    } else if (error instanceof BodyError && error.status === 415) {
      this.#add({ path: [], code: 'content_type', message: error.messages.join(' ') }, 'ERR_ARGS_CONTENT_TYPE', error)
    } else {
      throw error
    }
  }

  #add(issue: PlacedIssue, code?: ValidationErrorCode, cause?: unknown): void {
    this.faults.push({ issue, ...(code === undefined ? {} : { code }), cause })
  }

  #stop(path: PlacedIssue['path'], message: string): void {
    if (!this.#stopped) this.#add({ path, code: 'too_large', message }, 'ERR_ARGS_TOO_LARGE')
    this.#stopped = true
  }

  field(name: string, value: string): void {
    this.#fields.append(name, value)
  }

  file(name: string, filename: string, type: string): FileReceiver {
    const rule = this.#plan?.rules.get(name)
    if (this.#plan === undefined || this.store === undefined || this.#stopped) return DISCARD
    if (rule === undefined) {
      if (this.#plan.refuseUnknown && !this.#unknown.has(name)) {
        this.#unknown.add(name)
        this.#add({ path: [name], code: 'unknown', message: CODE_MESSAGES.unknown })
      }
      return DISCARD
    }
    const file = new IncomingFile(this.store, { name, filename: safeFileName(filename), type: mediaType(type) }, rule)
    // What a browser sends for an input in which no file was chosen has neither a name nor content.
    let begun = false
    let taken = false
    const begin = () => {
      begun = true
      taken = this.#begin(file)
    }
    if (filename !== '') begin()
    return {
      data: (bytes) => {
        if (!begun) begin()
        if (!taken) return
        file.add(bytes)
        if (file.size > rule.maxSize) {
          this.#stop(file.path, `The file must not be larger than ${rule.maxSize} bytes.`)
        }
      },
      end: () => {
        file.done = true
      },
    }
  }

  /** Whether the content is looked at. */
  #begin(file: IncomingFile): boolean {
    const { name, type } = file.init
    const index = this.#begun.get(name) ?? 0
    const isList = this.#plan?.lists.has(name) === true
    this.#begun.set(name, index + 1)
    file.path = isList ? [name, index] : [name]
    if (!isList && index > 0) return false
    if (isList && index >= file.rule.maxCount) {
      this.#stop([name], `There must not be more than ${file.rule.maxCount} files.`)
      return false
    }
    const { types } = file.rule
    if (types !== undefined && !inMediaRanges(type, types)) {
      file.refused = true
      this.#add({ path: file.path, code: 'content_type', message: `The file must be of the type ${types.join(', ')}.` })
    }
    this.#open.push(file)
    return true
  }

  tooManyParts(): void {
    this.#stop([], `There are more than ${this.maxParts} parts.`)
  }

  tooMuchOther(): void {
    this.#stop([], `The fields must not be larger than ${this.maxOther} bytes together.`)
  }

  async afterPiece(): Promise<void> {
    if (this.#stopped || this.store?.over === true) throw STOP
    for (const file of this.#open) {
      // What comes while this waits is for the next time.
      if (!(await file.flush())) continue
      const { name } = file.init
      const found = this.#files.get(name)
      const upload = file.finish()
      if (found === undefined) this.#files.set(name, [upload])
      else found.push(upload)
    }
    this.#open = this.#open.filter(({ stored }) => !stored)
  }
}

/** A file on its way. */
class IncomingFile {
  readonly init: { readonly name: string; readonly filename: string; readonly type: string }
  readonly rule: FileRule
  path: PlacedIssue['path'] = []
  /** Whether its type is wrong: its content is counted and not kept. */
  refused = false
  /** Whether all of it has come. */
  done = false
  /** Whether all of it is where it stays. */
  stored = false
  size = 0
  readonly #sink: UploadSink

  constructor(store: UploadStore, init: IncomingFile['init'], rule: FileRule) {
    this.init = init
    this.rule = rule
    this.#sink = new UploadSink(store)
  }

  add(bytes: Uint8Array): void {
    this.size += bytes.length
    if (!this.refused) this.#sink.add(bytes)
  }

  /** @returns whether the whole file is stored */
  async flush(): Promise<boolean> {
    const { done } = this
    await this.#sink.flush(done)
    this.stored = done
    return done
  }

  finish(): UploadedFile {
    return new UploadedFile(this.init, this.#sink.content())
  }
}
