import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { HttpError, pipeline, type RequestContext, reply, steps } from 'twopi/http'
import { describe, pageOf } from 'twopi/openapi'
import { paginatedReply, paginationArgs } from 'twopi/pagination'
import { Resource } from 'twopi/restful'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { arg, useArgs } from 'twopi/webargs'
import { z } from 'zod'
import { db } from './database.ts'
import { ShortlivedToken } from './tokens.ts'

const Fields = z.object({
  name: z.string().trim().min(1).max(100),
  seats: z.int().min(0).max(1000).default(30),
})
const SchoolClass = Fields.extend({ id: z.string() })
type SchoolClass = z.infer<typeof SchoolClass>

/** Everybody may look at the classes; who changes them needs a token with this scope. */
const mayWrite = steps(parseAuthHeader(ShortlivedToken), authRequired({ scopes: ['classes:write'] }))

/** Adds the class that the path names, as `found`. */
const findClass = async ({ request }: RequestContext) => {
  const classes = db.session().selectFrom('classes').selectAll()
  const found = await classes.where('id', '=', request.params['id'] ?? '').executeTakeFirst()
  if (found === undefined) throw new HttpError(404, 'There is no such class.')
  return { found }
}

async function insert(fields: z.infer<typeof Fields>): Promise<SchoolClass> {
  const created = { id: randomUUID(), ...fields }
  await db.session().insertInto('classes').values(created).execute()
  return created
}

/** `/classes` */
export class Classes extends Resource {
  get = pipeline(
    describe({ summary: 'List the classes', responses: { 200: pageOf(SchoolClass) } }),
    useArgs(
      { ...paginationArgs(), name: arg.string({ optional: true, description: 'What the name begins with' }) },
      { location: 'query' },
    ),
    ({ request, args }) => {
      const start = (args.name ?? '').replace(/[!%_]/g, '!$&')
      const classes = db
        .session()
        .selectFrom('classes')
        .selectAll()
        .where(sql<boolean>`name like ${`${start}%`} escape '!'`)
      return paginatedReply(request, classes.orderBy('name').orderBy('id'), SchoolClass, args)
    },
  )

  post = pipeline(
    describe({ summary: 'Make a class', responses: { 201: SchoolClass } }),
    mayWrite,
    useArgs(Fields),
    async ({ args }) => {
      const created = await insert(args)
      return reply(created, 201, { location: `/api/v1/classes/${created.id}` })
    },
  )
}

/** `/classes/:id` */
export class OneClass extends Resource {
  get = pipeline(
    describe({ summary: 'Show a class', responses: { 200: SchoolClass } }),
    findClass,
    ({ found }) => found,
  )

  put = pipeline(
    describe({ summary: 'Change a class', responses: { 200: SchoolClass } }),
    mayWrite,
    findClass,
    useArgs(Fields),
    async ({ found, args }) => {
      await db.session().updateTable('classes').set(args).where('id', '=', found.id).execute()
      return { id: found.id, ...args }
    },
  )

  delete = pipeline(describe({ summary: 'Delete a class' }), mayWrite, findClass, async ({ found }) => {
    await db.session().deleteFrom('classes').where('id', '=', found.id).execute()
  })
}

/** `/classes/import`: a text file with a class on each line, for instance `Algebra,25`. All of them are made, or none. */
export class ClassImport extends Resource {
  post = pipeline(
    describe({ summary: 'Make classes from a file', responses: { 201: z.object({ created: z.int() }) } }),
    mayWrite,
    useArgs({ list: arg.file({ maxSize: 100_000, types: ['text/*'] }) }, { location: 'files' }),
    async ({ args }) => {
      const lines = (await args.list.text()).split('\n').filter((line) => line.trim() !== '')
      for (const [i, line] of lines.entries()) {
        const [name, seats] = line.split(',')
        const { data } = Fields.safeParse({ name, seats: seats === undefined ? undefined : Number(seats) })
        if (data === undefined) throw new HttpError(422, `Line ${i + 1} must be a name, and after a comma the seats.`)
        await insert(data)
      }
      return reply({ created: lines.length }, 201)
    },
  )
}
