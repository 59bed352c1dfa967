/**
 * Marks a class so that `instanceof` still holds when an application loads two copies of twopi
 * (two majors, or one copy bundled and one installed): the mark is a `Symbol.for` on the prototype, which copies share.
 * A user's own subclass has no mark and is told apart by its prototype, as always.
 */
export function brand(target: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`twopi.${name}`)
  Object.defineProperty(target.prototype, mark, { value: true })
  Object.defineProperty(target, Symbol.hasInstance, {
    value(this: { readonly prototype: object }, value: unknown): boolean {
      if (typeof value !== 'object' || value === null) return false
      return this === target ? mark in value : Object.prototype.isPrototypeOf.call(this.prototype, value)
    },
  })
}
