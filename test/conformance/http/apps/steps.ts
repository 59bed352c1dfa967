import { AsyncLocalStorage } from 'node:async_hooks'
import { around, HttpError, type RequestContext, reply } from 'twopi/http'
import type { Journal } from '../routes.ts'

const storage = new AsyncLocalStorage<string>()

/** The store that {@link noting} keeps while the framework's own handler runs. */
export const currentStore = (): string | undefined => storage.getStore()

/** Steps for `/middleware`: end early on demand, else add `lang`. */
export function lang({ request }: RequestContext) {
  if (request.query.get('end') === 'nothing') throw undefined
  if (request.query.get('end') === 'route') throw 'route'
  if (request.query.get('end') === 'object') throw { secret: 'hunter2' }
  if (request.query.get('end') === 'rejects') return Promise.reject()
  if (request.query.get('end') === 'reply') return reply({ ended: true }, 202)
  if (request.query.get('end') === 'throw') throw new HttpError(401, 'no entry')
  return { lang: request.query.get('lang') ?? 'en' }
}

export const twice = async ({ lang }: { lang: string }) => ({ twice: lang + lang })

/** For `/middleware-around`: keeps a store and notes how it ended. */
export const noting = (journal: Journal) =>
  around(async (_context: RequestContext, next) => {
    const outcome = await storage.run('kept', () => next())
    journal.note(`middleware saw ${outcome.status}`)
    return outcome
  })
