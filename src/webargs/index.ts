/**
 * The arguments of an endpoint: declared once, typed, from any place in the request, with one reply for everything that is
 * wrong with them.
 *
 * @module twopi/webargs
 */
export { arg } from './arg.ts'
export type { Arg, ArgOptions, ArgValue, JsonSchema, JsonSchemaConverter } from './arg-field.ts'
export type { FileOptions, FilesOptions } from './arg-files.ts'
export type { ArgIssue, ArgIssueCode } from './arg-issue.ts'
export type { DelimitedOptions, ListOptions } from './arg-lists.ts'
export type { ArgLocation, UnknownPolicy } from './arg-location.ts'
export { ArgsParser, type ArgsResult, type UseArgsOptions } from './args-parser.ts'
export type { ArgStatuses, ArgsOptions, FirstOfLocation } from './args-settings.ts'
export type {
  ArgsFields,
  ArgsOutput,
  ArgsShape,
  ArgsStep,
  InLocations,
  LocationShape,
  LocationShapes,
} from './args-types.ts'
export { handleValidationError } from './handle-validation-error.ts'
export { inLocations } from './in-locations.ts'
export type { ErrorLayout, ErrorMessages, MessagesByLocation } from './layouts.ts'
export type { ArgLimits } from './limits.ts'
export { MultipartMissingError } from './multipart-missing-error.ts'
export type { MessageChoice } from './to-arg-issues.ts'
export type { UploadOptions } from './upload-options.ts'
export { UploadedFile, type UploadedFileInit } from './uploaded-file.ts'
export { parser, useArgs } from './use-args.ts'
export { ValidationError, type ValidationErrorCode, type ValidationErrorOptions } from './validation-error.ts'
