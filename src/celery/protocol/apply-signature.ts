import type { SignatureData } from './signature-data.ts'

/** Options that keep what the signature has: to change them would leave a chord or group waiting. */
const FIXED: readonly string[] = ['group_id', 'stamped_headers']

/**
 * Puts the values of a call into a signature, by Celery's rule: arguments come before the signature's own, keyword arguments
 * are merged and the call wins, but an immutable signature keeps both as they are. Options are merged in either case and the
 * call wins, except for `group_id`, `stamped_headers` and the stamps that are set.
 *
 * @param signature - is not changed
 * @param options - Celery's names; those that are null or undefined are as if they were not given
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#partials
 */
export function applySignature(
  signature: SignatureData,
  args: readonly unknown[] = [],
  kwargs: Readonly<Record<string, unknown>> = {},
  options: Readonly<Record<string, unknown>> = {},
): SignatureData {
  const merged = mergeOptions(signature.options, options)
  if (signature.immutable) return { ...signature, options: merged }
  return {
    ...signature,
    args: args.length > 0 ? [...args, ...signature.args] : signature.args,
    kwargs: { ...signature.kwargs, ...kwargs },
    options: merged,
  }
}

function mergeOptions(
  own: Readonly<Record<string, unknown>>,
  call: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const stamped = own['stamped_headers']
  const fixed = new Set<unknown>([...FIXED, ...(Array.isArray(stamped) ? stamped : [])])
  const winning = Object.entries(call).filter(
    ([key, value]) => value !== undefined && value !== null && !(fixed.has(key) && Object.hasOwn(own, key)),
  )
  return { ...own, ...Object.fromEntries(winning) }
}
