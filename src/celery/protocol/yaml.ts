import { bodyText } from './body-text.ts'
import { tooDeep } from './json-parser.ts'
import { MAX_DIGITS, MAX_YAML_DEPTH } from './limits.ts'
import { MessageError } from './message-error.ts'
import { mendTree, type NumberForms, plainTree } from './plain-tree.ts'
import type { Serializer } from './serializer.ts'
import { type ScalarTagLike, yamlScalars } from './yaml-scalars.ts'
import { yamlText } from './yaml-text.ts'

/** A tag of the package's own. */
interface TagLike {
  readonly tag: string
}

/** The part of the package `yaml` that is called. Structural, so that nobody needs the package for the types. */
export interface YamlLike {
  readonly Lexer: new () => { lex(text: string): Iterable<string> }
  parseDocument(
    text: string,
    options: {
      readonly version: '1.1'
      readonly uniqueKeys: false
      readonly prettyErrors: false
      readonly logLevel: 'error'
      /** The package's own tags, which are only passed through. */
      readonly customTags: (tags: readonly TagLike[]) => readonly (TagLike | ScalarTagLike)[]
    },
  ): {
    readonly errors: readonly unknown[]
    readonly warnings: readonly unknown[]
    toJS(options: { readonly maxAliasCount: number }): unknown
  }
}

const forms: NumberForms = {
  format: 'yaml',
  maxDepth: MAX_YAML_DEPTH,
  number: (value) => value,
  bigint: (value, trail) =>
    String(value).length > MAX_DIGITS
      ? trail.fail(`has more than ${MAX_DIGITS} digits, which Python does not read`)
      : value,
}

const REPLACED = /:(?:bool|int|float|timestamp)$/

/** How often aliases may be resolved; a few lines that name each other would otherwise become gigabytes. */
const MAX_ALIASES = 100

/**
 * The serializer `yaml`: YAML 1.1 as PyYAML's `safe_dump` and `safe_load` speak it. Tags that make objects of other classes are
 * refused.
 */
export function yamlFrom({ Lexer, parseDocument }: YamlLike): Serializer {
  return {
    name: 'yaml',
    contentType: 'application/x-yaml',
    contentEncoding: 'utf-8',
    encode: (value, root) => Buffer.from(yamlText(plainTree(value, root, forms))),
    decode(bytes, options) {
      const text = bodyText(bytes)
      assertShallow(text, new Lexer())
      return mendTree(read(text, yamlScalars(options), parseDocument), ownBytes)
    },
  }
}

/** Bytes of their own: the package gives views of Node's shared pool. */
function ownBytes(leaf: unknown): unknown {
  return leaf instanceof Uint8Array ? Uint8Array.from(leaf) : leaf
}

/** What may stand before the first word of a line: each level of nested blocks begins further to the right. */
const INDENT = new RegExp(`^[ ?:-]{${MAX_YAML_DEPTH},}`, 'm')

/**
 * Bounds the depth before the parser sees the text. It calls itself at every level, and Node does not survive every overflow
 * of the stack.
 */
function assertShallow(text: string, lexer: InstanceType<YamlLike['Lexer']>): void {
  if (INDENT.test(text)) throw tooDeep(MAX_YAML_DEPTH)
  let depth = 0
  for (const token of lexer.lex(text)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > MAX_YAML_DEPTH) throw tooDeep(MAX_YAML_DEPTH)
  }
}

function read(text: string, scalars: ScalarTagLike[], parseDocument: YamlLike['parseDocument']): unknown {
  try {
    const document = parseDocument(text, {
      version: '1.1',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      customTags: (tags) => [...scalars, ...tags.filter((tag: TagLike) => !REPLACED.test(tag.tag))],
    })
    // A warning is a tag that is not known, such as `!!python/object`.
    if (document.errors.length > 0 || document.warnings.length > 0) throw invalid()
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    // Its own message may show what was read.
    throw invalid()
  }
}

function invalid(): MessageError {
  return new MessageError('ERR_CELERY_MESSAGE', 'body', 'not valid YAML, or with tags or aliases that are not accepted')
}
