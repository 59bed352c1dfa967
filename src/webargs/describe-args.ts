import type {
  DescribedArgs,
  DescribedField,
  DescribedLocation,
  DescribedReply,
  JsonSchema,
  StepDescription,
} from '../http/describe-step.ts'
import { isStandardSchema, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { fileRuleOf } from './arg-files.ts'
import { delimitedOf } from './arg-lists.ts'
import { type ArgLocation, BODY_LOCATIONS } from './arg-location.ts'
import type { ArgsDeclaration } from './args-declaration.ts'
import type { LocationShape } from './args-types.ts'
import { ShapesByLocation } from './in-locations.ts'
import { isRequired } from './is-required.ts'
import type { ErrorLayout } from './layouts.ts'
import { schemaFacts } from './schema-facts.ts'
import type { ValidationErrorCode } from './validation-error.ts'

/** What a step made by `useArgs` says of itself, to those who document an API. */
export function describeArgs({ shape, many, settings }: ArgsDeclaration): StepDescription {
  const { firstOf, location, unknown } = settings
  const describe = (places: readonly DescribedLocation[], of: LocationShape, closed: boolean): DescribedArgs => ({
    in: places,
    ...shapeOf(of),
    many,
    closed,
  })
  const inOne = (place: ArgLocation, of: LocationShape) =>
    describe(place === 'json_or_form' ? ['json', 'form'] : [place], of, isClosed(of, unknown[place]))
  if (shape instanceof ShapesByLocation) {
    const entries = Object.entries(shape.shapes) as [ArgLocation, LocationShape | undefined][]
    const args = entries.flatMap(([place, of]) => (of === undefined ? [] : [inOne(place, of)]))
    return {
      args,
      replies: replies(
        entries.some(([place]) => BODY_LOCATIONS.has(place)),
        settings,
      ),
    }
  }
  const of = shape as LocationShape
  if (firstOf === undefined)
    return { args: [inOne(location, of)], replies: replies(BODY_LOCATIONS.has(location), settings) }
  const hasBody = firstOf.some((place) => BODY_LOCATIONS.has(place))
  return { args: [describe(firstOf, of, false)], replies: replies(hasBody, settings) }
}

function shapeOf(shape: LocationShape): Pick<DescribedArgs, 'fields' | 'schema'> {
  if (isStandardSchema(shape)) return { schema: shape }
  return { fields: Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, fieldOf(field)])) }
}

function fieldOf(schema: StandardSchemaV1): DescribedField {
  const contentTypes = fileRuleOf(schema)?.types
  return { schema, required: isRequired(schema), delimited: delimitedOf(schema), contentTypes }
}

function isClosed(shape: LocationShape, policy: string): boolean {
  if (policy !== 'raise') return false
  const facts = isStandardSchema(shape) ? schemaFacts(shape) : undefined
  return !isStandardSchema(shape) || (facts?.kind === 'object' && !facts.open)
}

const DESCRIPTIONS: Readonly<Record<ValidationErrorCode, string>> = {
  ERR_ARGS_INVALID: 'Arguments are missing or not valid. Every fault is listed.',
  ERR_ARGS_MALFORMED: 'The body cannot be read.',
  ERR_ARGS_CONTENT_TYPE: 'The body has a content type that is not accepted here.',
  ERR_ARGS_TOO_LARGE: 'There is more in the request than is accepted here.',
}

const NAMES: Readonly<Record<ValidationErrorCode, string>> = {
  ERR_ARGS_INVALID: 'InvalidArguments',
  ERR_ARGS_MALFORMED: 'MalformedBody',
  ERR_ARGS_CONTENT_TYPE: 'UnsupportedContentType',
  ERR_ARGS_TOO_LARGE: 'TooLarge',
}

function replies(hasBody: boolean, settings: ArgsDeclaration['settings']): readonly DescribedReply[] {
  const { layout, statuses } = settings
  const codes = Object.keys(DESCRIPTIONS) as ValidationErrorCode[]
  return (
    codes
      // What is wrong with a body as such, only a body can be.
      .filter((code) => hasBody || code === 'ERR_ARGS_INVALID' || code === 'ERR_ARGS_TOO_LARGE')
      .map((code) => ({
        status: statuses[code],
        description: DESCRIPTIONS[code],
        name: NAMES[code],
        schema: LAYOUTS[layout],
        contentType: layout === 'problem' ? 'application/problem+json' : 'application/json',
      }))
  )
}

const MESSAGES: JsonSchema = {
  anyOf: [
    { type: 'array', items: { type: 'string' } },
    { type: 'object', additionalProperties: { $ref: '#/$defs/ArgumentMessages' } },
  ],
}

const LAYOUTS: Readonly<Record<ErrorLayout, JsonSchema>> = {
  location: {
    $id: 'ArgumentErrors',
    description:
      'By location (`json`, `query`, ...), then by field: what is wrong. Of an object as a whole: `_schema`.',
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: { $ref: '#/$defs/ArgumentMessages' } },
    $defs: { ArgumentMessages: MESSAGES },
  },
  flat: {
    $id: 'FlatArgumentErrors',
    description: 'By field: what is wrong. Of an object as a whole: `_schema`.',
    type: 'object',
    additionalProperties: { $ref: '#/$defs/ArgumentMessages' },
    $defs: { ArgumentMessages: MESSAGES },
  },
  problem: {
    $id: 'ArgumentProblem',
    description: 'Problem details (RFC 9457).',
    type: 'object',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            detail: { type: 'string' },
            pointer: { type: 'string', description: 'A JSON Pointer into the location, as a fragment (`#/tags/0`).' },
            in: { type: 'string', description: 'The location.' },
            code: { type: 'string' },
          },
          required: ['detail', 'pointer', 'in', 'code'],
        },
      },
    },
    required: ['type', 'title', 'status', 'errors'],
  },
}
