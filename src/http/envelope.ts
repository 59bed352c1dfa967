import { BareBody } from './bare-body.ts'

/**
 * The original's envelope, for every body that goes out:
 *
 * - a string is `{"_errors": [string]}` from status 400, else `{"message": string}`;
 * - an object with a `message`, from status 400, is `{"_errors": [message]}`; a list of messages becomes the list itself,
 *   and the other members stay beside it (the original nested the list and lost the members);
 * - the body of an error that brings a layout of its own goes out bare;
 * - anything else is as it is.
 *
 * Instances of classes count as objects and `String` objects as strings (the original looked at the exact type). Of an
 * object with a `toJSON` only what that shows is looked at.
 */
export function envelope(data: unknown, status: number): unknown {
  if (typeof data === 'string') return status >= 400 ? { _errors: [data] } : { message: data }
  if (typeof data !== 'object' || data === null) return data
  if (data instanceof BareBody) return data.value
  if (data instanceof String) return envelope(String(data), status)
  return status >= 400 ? withErrors(data) : data
}

function withErrors(data: object): unknown {
  const shown = shownBy(data)
  if (shown === undefined) return data
  const { message, _errors: existing, ...others } = shown
  // A method of that name is not a message.
  if (message === undefined || typeof message === 'function') return data
  return { _errors: [...toList(message), ...(existing === undefined ? [] : toList(existing))], ...others }
}

/** The object that JSON would show; undefined when it would show something else, such as a date's text. */
function shownBy(data: object): Partial<Record<'message' | '_errors', unknown>> | undefined {
  const { toJSON } = data as { readonly toJSON?: unknown }
  const shown: unknown = typeof toJSON === 'function' ? toJSON.call(data, '') : data
  if (typeof shown !== 'object' || shown === null) return undefined
  // Read from the prototype too: `message` of a DOMException is there, and that of an Error is not enumerable.
  const { message } = shown as { readonly message?: unknown }
  return { ...shown, message }
}

function toList(messages: unknown): readonly unknown[] {
  return Array.isArray(messages) ? messages : [messages]
}
