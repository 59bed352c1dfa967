import { DEFINITION } from './shortlived-token-base.ts'
import type { TokenClass } from './token-class.ts'

const readers = ['load', 'verify', 'tryLoad', 'loadAsync', 'verifyAsync', 'tryLoadAsync'] as const

type Members = { readonly [Name in (typeof readers)[number] | 'accepts']?: unknown }

/**
 * Refuses a class made by `ShortlivedTokenMixin` with a member overridden that is not the one that will be called: a look at a
 * list of revoked tokens that was put into `load` would be passed by unseen. Other classes are what their authors made them.
 *
 * @param Token - a token class
 * @param called - the member that will be called; default: `tryLoadAsync` of an asynchronous class, `tryLoad` of any other
 * @throws TypeError that names the member, and says where the check belongs
 */
export function assertNotBypassed(
  Token: TokenClass,
  called: 'tryLoad' | 'tryLoadAsync' = Token.isAsync === true ? 'tryLoadAsync' : 'tryLoad',
): void {
  const base = baseOf(Token)
  if (base === undefined) return
  const members: Members = Token
  if (members.accepts !== base.accepts || members[called] !== base[called]) return
  const overridden = readers.filter((name) => members[name] !== base[name])
  if (overridden.length === 0) return
  const { name } = Token as { readonly name?: string }
  throw new TypeError(
    `\`${name}.${overridden[0]}\` is overridden, but tokens of requests are read by \`${called}\`, which would pass it by. Put the check into \`static override accepts(token) { … }\`, which every way of reading asks.`,
  )
}

function baseOf(Token: object): Members | undefined {
  let base: object | null = Token
  while (base !== null && !Object.hasOwn(base, DEFINITION)) base = Object.getPrototypeOf(base)
  return base ?? undefined
}
