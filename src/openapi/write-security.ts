import type { StepDescription } from '../http/describe-step.ts'
import type { OpenApiSecurity, OpenApiSecurityScheme } from './open-api-document.ts'
import type { Registry } from './registry.ts'

const NAMES = { header: 'bearerToken', query: 'tokenInQuery', cookie: 'tokenInCookie' } as const

/** How one may come in; undefined when everybody may. Without a token only where no step demands one. */
export function writeSecurity(
  said: readonly StepDescription[],
  schemes: Registry<OpenApiSecurityScheme>,
): readonly OpenApiSecurity[] | undefined {
  const tokens = said.flatMap(({ token }) => token ?? [])
  const demands = said.flatMap(({ requires }) => requires ?? [])
  const scopes = [...new Set(demands.flatMap((demand) => demand.scopes))]
  const ways = tokens.flatMap(({ in: places, format }) =>
    places.map(({ location, name }): OpenApiSecurity => {
      const scheme: OpenApiSecurityScheme =
        location === 'header'
          ? { type: 'http', scheme: 'bearer', ...(format === undefined ? {} : { bearerFormat: format }) }
          : { type: 'apiKey', in: location, name }
      return { [schemes.add(NAMES[location], scheme)]: scopes }
    }),
  )
  if (ways.length === 0) return undefined
  return demands.length === 0 ? [...ways, {}] : ways
}
