/**
 * OpenAPI 3.1 from what endpoints declare, and a page to read it on.
 *
 * @module twopi/openapi
 */
export { type ApiDocs, type ApiDocsOptions, apiDocs } from './api-docs.ts'
export type { SchemaConverter, SchemaConverters, SchemaSide } from './convert-schema.ts'
export { describe, type EndpointDescription, type ResponseDescription } from './describe.ts'
export type {
  OpenApiComponents,
  OpenApiDocument,
  OpenApiEncoding,
  OpenApiInfo,
  OpenApiMediaType,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiReference,
  OpenApiRequestBody,
  OpenApiResponse,
  OpenApiSecurity,
  OpenApiSecurityScheme,
  OpenApiServer,
  OpenApiTag,
} from './open-api-document.ts'
export { openapi } from './openapi.ts'
export { OpenApiError } from './openapi-error.ts'
export type { OpenApiOptions, OpenApiRoute, OpenApiSource } from './openapi-options.ts'
export { type PageOfOptions, pageOf } from './page-of.ts'
