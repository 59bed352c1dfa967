import { HttpError, pipeline, type RequestContext, reply, steps } from 'twopi/http'
import { getAndExpectJson, Resource } from 'twopi/restful'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { z } from 'zod'
import { ShortlivedToken } from './tokens.ts'

const Fields = z.object({
  name: z.string().trim().min(1).max(100),
  seats: z.number().int().min(0).max(1000).default(30),
})

interface SchoolClass extends z.infer<typeof Fields> {
  readonly id: string
}

const classes = new Map<string, SchoolClass>()
let lastId = 0

/** Everybody may look at the classes; who changes them needs a token with this scope. */
const mayWrite = steps(parseAuthHeader(ShortlivedToken), authRequired({ scopes: ['classes:write'] }))

/** Adds the body, checked, as `fields`. */
const readFields = async ({ request }: RequestContext) => {
  const { success, data, error } = Fields.safeParse(await getAndExpectJson(request))
  if (!success)
    throw new HttpError(
      422,
      error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    )
  return { fields: data }
}

/** Adds the class that the path names, as `found`. */
const findClass = ({ request }: RequestContext) => {
  const found = classes.get(request.params['id'] ?? '')
  if (found === undefined) throw new HttpError(404, 'There is no such class.')
  return { found }
}

function save(schoolClass: SchoolClass): SchoolClass {
  classes.set(schoolClass.id, schoolClass)
  return schoolClass
}

/** `/classes` */
export class Classes extends Resource {
  get() {
    return [...classes.values()]
  }

  post = pipeline(mayWrite, readFields, ({ fields }) => {
    lastId += 1
    const created = save({ id: String(lastId), ...fields })
    return reply(created, 201, { location: `/api/v1/classes/${created.id}` })
  })
}

/** `/classes/:id` */
export class OneClass extends Resource {
  get = pipeline(findClass, ({ found }) => found)

  put = pipeline(mayWrite, findClass, readFields, ({ found, fields }) => save({ id: found.id, ...fields }))

  delete = pipeline(mayWrite, findClass, ({ found }) => {
    classes.delete(found.id)
  })
}
