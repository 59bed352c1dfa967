/** How much of a body that nobody wants is thrown away before the connection is given up. In bytes: 8 MiB. */
export const DISCARD_BYTES = 8_388_608

/** How long it is thrown away, in milliseconds. */
export const DISCARD_TIME = 5000
