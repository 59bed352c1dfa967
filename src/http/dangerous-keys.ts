import { scan } from 'secure-json-parse'

/** Takes the keys that could change an object's prototype out of data that somebody else has parsed. */
export function removeDangerousKeys(data: object): void {
  scan(data, { protoAction: 'remove', constructorAction: 'remove' })
}
