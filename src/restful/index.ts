/**
 * Resources, representations and JSON in the manner of Flask-RESTful.
 *
 * @module twopi/restful
 */
export { abort } from '../http/http-error.ts'
export type { JsonOptions } from '../http/json.ts'
export { JsonError, type JsonErrorCode } from '../http/json-error.ts'
export { outputJson, outputJsonWith } from '../http/output-json.ts'
export { Api, type ApiOptions, type ApiRoute, type ResourceOptions } from './api.ts'
export { ExpectedJSONException, type ExpectedJSONOptions } from './expected-json-exception.ts'
export { getAndExpectJson } from './get-and-expect-json.ts'
export { problemJson } from './problem-json.ts'
export type { ApiErrorOptions } from './reply-writer.ts'
export type { Representation, Representations } from './representation.ts'
export { Resource, type ResourceMethod, type ResourceMethods } from './resource.ts'
