// What a function of a pipeline carries for others. `Symbol.for`, so that two installed copies know each other's.

/** The parts of a group, on the step that `steps()` makes: a pipeline opens it. */
export const GROUP: unique symbol = Symbol.for('twopi.group') as never
/** The parts of a finished pipeline, on its function: only those who document look at them. */
export const PARTS: unique symbol = Symbol.for('twopi.parts') as never
/** What a step or a view says of itself. */
export const DESCRIBES: unique symbol = Symbol.for('twopi.describes') as never
/** On a step that only says something: a pipeline leaves it out of the row that requests walk. */
export const NOTE: unique symbol = Symbol.for('twopi.note') as never
