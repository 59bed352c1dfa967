import { DEFINITION } from './shortlived-token-base.ts'
import type { TokenDefinition } from './token-definition.ts'
import type { TokenPolicy } from './token-options.ts'

/** The checked options of a class made by `ShortlivedTokenMixin`; undefined for any other. */
export function policyOf(Token: object): TokenPolicy | undefined {
  return (Token as { readonly [DEFINITION]?: TokenDefinition })[DEFINITION]?.policy
}
