/**
 * Marks a step that runs around the rest of a pipeline; the value is the function to call. A `Symbol.for`, so that two
 * installed copies know each other's steps, and here, so that a folder that knows no requests can make such a step.
 */
export const AROUND: unique symbol = Symbol.for('twopi.around') as never

/**
 * A function that carries `run` for the pipeline, and refuses to be called by anybody else.
 *
 * @param made - the name of the public function that makes the step, for the message
 */
export function aroundStep<Run>(made: string, run: Run): () => never {
  const step = (): never => {
    throw new TypeError(`A step made by ${made}() runs only inside view(), middleware(), pipeline() or steps().`)
  }
  return Object.defineProperty(step, AROUND, { value: run })
}
