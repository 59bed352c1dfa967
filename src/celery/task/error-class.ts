/** A class of errors, as `instanceof` takes it. */
export type ErrorClass = abstract new (...args: never[]) => Error
