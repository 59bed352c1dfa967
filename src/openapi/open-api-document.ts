import type { JsonSchema } from '../http/describe-step.ts'

// The parts of an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1) that are written here, by their names there.

/** What the API is (OpenAPI 3.1, "Info Object"). */
export interface OpenApiInfo {
  readonly title: string
  /** Of the API, not of OpenAPI. */
  readonly version: string
  readonly summary?: string
  /** May be Markdown (CommonMark). */
  readonly description?: string
  readonly termsOfService?: string
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

/** Where the API is. */
export interface OpenApiServer {
  readonly url: string
  readonly description?: string
}

/** A group of operations. */
export interface OpenApiTag {
  readonly name: string
  readonly description?: string
}

export interface OpenApiReference {
  readonly $ref: string
}

export interface OpenApiMediaType {
  readonly schema?: JsonSchema
  readonly encoding?: Readonly<Record<string, OpenApiEncoding>>
}

/** How one member of a form is sent. */
export interface OpenApiEncoding {
  readonly style?: string
  readonly explode?: boolean
  readonly contentType?: string
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly description?: string
  readonly required?: boolean
  readonly style?: string
  readonly explode?: boolean
  readonly schema: JsonSchema
}

export interface OpenApiRequestBody {
  readonly description?: string
  readonly required: boolean
  readonly content: Readonly<Record<string, OpenApiMediaType>>
}

export interface OpenApiResponse {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>
  readonly content?: Readonly<Record<string, OpenApiMediaType>>
}

/** One of the ways to come in; all of its schemes together, each with the scopes that are needed. */
export type OpenApiSecurity = Readonly<Record<string, readonly string[]>>

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly deprecated?: boolean
  readonly security?: readonly OpenApiSecurity[]
  readonly parameters?: readonly OpenApiParameter[]
  readonly requestBody?: OpenApiRequestBody
  readonly responses: Readonly<Record<string, OpenApiResponse | OpenApiReference>>
}

export type OpenApiSecurityScheme =
  | { readonly type: 'http'; readonly scheme: 'bearer'; readonly bearerFormat?: string }
  | { readonly type: 'apiKey'; readonly in: 'query' | 'cookie' | 'header'; readonly name: string }

/** What several operations share, by name. */
export interface OpenApiComponents {
  readonly schemas?: Readonly<Record<string, JsonSchema>>
  readonly responses?: Readonly<Record<string, OpenApiResponse>>
  readonly securitySchemes?: Readonly<Record<string, OpenApiSecurityScheme>>
}

/** A document, as plain data: `JSON.stringify` writes it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: OpenApiInfo
  readonly servers?: readonly OpenApiServer[]
  readonly tags?: readonly OpenApiTag[]
  /** By path, then by method in small letters. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components?: OpenApiComponents
}
