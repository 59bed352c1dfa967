/** How deep values may be nested, when written and when read. Python's parser gives up at about twice this. */
export const MAX_DEPTH = 400

/**
 * How many lists and objects a value may hold when read: each takes some fifty times its bytes in memory, so that a body of
 * {@link MAX_BYTES} could take gigabytes.
 */
export const MAX_CONTAINERS = 2_000_000

/** How many digits an integer may have: as many as Python reads from a text. */
export const MAX_DIGITS = 4300

/** How many characters the name and the id of a task may have: both are in log lines, keys of stores and maps. */
export const MAX_NAME = 1024

/** How many bytes a body may have, unless said otherwise; inflated as well. */
export const MAX_BYTES: number = 64 * 1024 * 1024

/** How deep YAML may be nested: its parsers, in Python as here, call themselves at each level, several times. */
export const MAX_YAML_DEPTH = 200
