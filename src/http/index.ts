/**
 * The neutral ground of all views: the request, the reply, errors in one envelope, steps and pipelines.
 *
 * @module twopi/http
 */
export { DEFAULT_BODY_LIMIT } from './body.ts'
export { BodyError, type BodyErrorCode } from './body-errors.ts'
export {
  type DescribedArgs,
  type DescribedField,
  type DescribedLocation,
  type DescribedOperation,
  type DescribedReply,
  type DescribedSchema,
  type DescribedToken,
  describeStep,
  descriptionsOf,
  type JsonSchema,
  type StepDescription,
} from './describe-step.ts'
export { type ErrorOptions, type ErrorPlace, errorResponse, toHttpError } from './error-response.ts'
export { handleErrors } from './handle-errors.ts'
export type { RequestHeaders } from './headers.ts'
export { abort, HttpError, type HttpErrorOptions } from './http-error.ts'
export { HttpResponse, type ResponseBody } from './http-response.ts'
export type { JsonParseOptions } from './json-parse.ts'
export { limitBody } from './limit-body.ts'
export { notFound } from './not-found.ts'
export { around, type GroupedStep, type Next, pipeline, steps } from './pipeline.ts'
export type { Added, After, ContextKind, Kind, Outcome, Step, StepsFactory, ViewFactory } from './pipeline-types.ts'
export { type HeaderValues, Reply, reply } from './reply.ts'
export { HttpRequest, type PathParameters } from './request.ts'
export type { RequestContext } from './request-context.ts'
