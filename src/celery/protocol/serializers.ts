import { bodyText } from './body-text.ts'
import type { ReadJsonOptions } from './json-parser.ts'
import { MessageError } from './message-error.ts'
import { msgpackFrom } from './msgpack.ts'
import { rawSerializer, textSerializer } from './raw.ts'
import { readJson } from './read-json.ts'
import type { Serializer, SerializerName } from './serializer.ts'
import { SerializerMissingError } from './serializer-error.ts'
import { writeJson } from './write-json.ts'
import { type YamlLike, yamlFrom } from './yaml.ts'

const json: Serializer = {
  name: 'json',
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  encode: (value, root) => Buffer.from(writeJson(value, root)),
  decode: (bytes, options) => readJson(bodyText(bytes), options),
}

const TYPES: Readonly<Record<SerializerName, string>> = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
  yaml: 'application/x-yaml',
  raw: 'application/data',
}

const PICKLE: readonly string[] = ['pickle', 'application/x-python-serialize']

const NO_PICKLE =
  'pickle is not supported, since reading it runs whatever the sender wants; let the sender use "json" (`task_serializer`, `result_serializer`)'

/** Those that are loaded, by name and by MIME type. */
const loaded = new Map<string, Serializer>()
for (const serializer of [json, rawSerializer]) add(serializer)
for (const type of ['text/plain', 'application/text']) loaded.set(type, textSerializer)

function add(serializer: Serializer): void {
  loaded.set(serializer.name, serializer)
  loaded.set(serializer.contentType, serializer)
}

/**
 * Makes a serializer ready. To be awaited at start for each that is configured; `json` and `raw` always are.
 *
 * @param name - a name, or its MIME type
 * @throws TypeError when there is none of this name, and for `pickle`
 * @throws SerializerMissingError `ERR_CELERY_SERIALIZER_MISSING` when its package is not installed
 */
export async function loadSerializer(name: string): Promise<void> {
  const known = serializerName(name)
  if (loaded.has(known)) return
  if (known === 'msgpack')
    add(await load('msgpack', '@msgpack/msgpack', async () => msgpackFrom(await import('@msgpack/msgpack'))))
  if (known === 'yaml')
    add(await load('yaml', 'yaml', async () => yamlFrom((await import('yaml')) as unknown as YamlLike)))
}

async function load(name: SerializerName, packageName: string, open: () => Promise<Serializer>): Promise<Serializer> {
  try {
    return await open()
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (code !== 'ERR_MODULE_NOT_FOUND' || !String(message).includes(`'${packageName}'`)) throw error
    throw new SerializerMissingError(name, packageName, { cause: error })
  }
}

/**
 * The name of a serializer.
 *
 * @param nameOrType - `json`, `msgpack`, `yaml`, `raw`, or the MIME type of one
 * @throws TypeError when there is none of this name, and for `pickle`
 */
export function serializerName(nameOrType: string): SerializerName {
  if (PICKLE.includes(nameOrType)) throw new TypeError(NO_PICKLE)
  for (const [name, type] of Object.entries(TYPES)) {
    if (nameOrType === name || nameOrType === type) return name as SerializerName
  }
  throw new TypeError(`serializer ${JSON.stringify(nameOrType)} is not known; use "json", "msgpack" or "yaml"`)
}

/** A serialized value and its labels. */
export interface EncodedBody {
  readonly body: Uint8Array
  readonly contentType: string
  readonly contentEncoding: 'utf-8' | 'binary'
}

/**
 * A serializer that is ready.
 *
 * @throws TypeError when there is none of this name, for `pickle`, and when {@link loadSerializer} was not awaited
 */
export function serializerOf(name: string): Serializer {
  const serializer = loaded.get(name)
  if (serializer !== undefined) return serializer
  throw new TypeError(`serializer "${serializerName(name)}" is not loaded; list it in \`accept_content\``)
}

/**
 * Serializes a value, which need not be a task: a control command, an event, a result.
 *
 * @param name - of the serializer
 * @param root - what the value is called in messages
 * @throws TypeError naming the place of what cannot be sent
 */
export function encodeBody(value: unknown, name: SerializerName = 'json', root = 'value'): EncodedBody {
  const serializer = serializerOf(name)
  const isText = name === 'raw' && typeof value === 'string'
  return {
    body: serializer.encode(value, root),
    contentType: isText ? 'text/plain' : serializer.contentType,
    contentEncoding: isText ? 'utf-8' : serializer.contentEncoding,
  }
}

/** How a body is read. */
export interface DecodeBodyOptions extends ReadJsonOptions {
  /** Names or MIME types of the serializers that may be read; `['json']` by default. */
  readonly accept?: readonly string[] | undefined
}

/**
 * Reads a body.
 *
 * @param contentType - what the message says it is
 * @throws MessageError `ERR_CELERY_CONTENT_TYPE` when that is not accepted; `ERR_CELERY_MESSAGE` and `ERR_CELERY_TOO_LARGE` as
 * {@link readJson}
 */
export function decodeBody(body: Uint8Array, contentType: string, options: DecodeBodyOptions = {}): unknown {
  const serializer = loaded.get(contentType)
  if (serializer === undefined || !isAccepted(contentType, options.accept)) throw disallowed(contentType)
  return serializer.decode(body, options)
}

const JSON_ONLY: ReadonlySet<string> = new Set([TYPES.json])
/** Kombu trusts these two always: nothing is parsed. */
const TRUSTED: readonly string[] = ['application/data', 'application/text']
const acceptedTypes = new WeakMap<readonly string[], ReadonlySet<string>>()

function isAccepted(contentType: string, accept: readonly string[] | undefined): boolean {
  return typesOf(accept).has(contentType) || TRUSTED.includes(contentType)
}

function typesOf(accept: readonly string[] | undefined): ReadonlySet<string> {
  if (accept === undefined) return JSON_ONLY
  const known = acceptedTypes.get(accept)
  if (known !== undefined) return known
  const types = new Set(accept.map((one) => TYPES[serializerName(one)]))
  if (types.has(TYPES.raw)) types.add('text/plain')
  acceptedTypes.set(accept, types)
  return types
}

function disallowed(contentType: string): MessageError {
  const shown = JSON.stringify(contentType.slice(0, 60))
  if (PICKLE.includes(contentType)) return new MessageError('ERR_CELERY_CONTENT_TYPE', 'content-type', NO_PICKLE)
  return new MessageError(
    'ERR_CELERY_CONTENT_TYPE',
    'content-type',
    contentType === ''
      ? 'the message has no content type'
      : `the content type ${shown} is not accepted; \`accept_content\` lists those that are`,
  )
}
