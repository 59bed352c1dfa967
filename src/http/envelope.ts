/** The original's envelope: errors as `{"_errors": […]}`, other texts as `{"message": …}`, anything else as it is. */
export function envelope(data: unknown, status: number): unknown {
  if (typeof data === 'string') return status >= 400 ? { _errors: [data] } : { message: data }
  if (status >= 400 && typeof data === 'object' && data !== null && 'message' in data) {
    const { message, ...others } = data
    return { _errors: Array.isArray(message) ? message : [message], ...others }
  }
  return data
}
