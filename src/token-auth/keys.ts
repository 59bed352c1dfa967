export type KeySource = string | Uint8Array
