import { pipeline, reply } from 'twopi/http'
import { describe } from 'twopi/openapi'
import { Resource } from 'twopi/restful'
import { authRequired, parseAuthHeader } from 'twopi/token-auth'
import { useArgs } from 'twopi/webargs'
import { z } from 'zod'
import { celery, classReport } from './tasks.ts'
import { ShortlivedToken } from './tokens.ts'

const Ordered = z.object({ id: z.uuid() })
const Report = z.object({
  state: z.string(),
  progress: z.object({ done: z.int(), total: z.int() }).nullable(),
  report: z.object({ classes: z.int(), seats: z.int(), largest: z.string().nullable() }).nullable(),
})
const Progress = Report.shape.progress.unwrap()
const Finished = Report.shape.report.unwrap()

/** `/reports` */
export class Reports extends Resource {
  post = pipeline(
    describe({ summary: 'Order a report on all classes', responses: { 202: Ordered } }),
    parseAuthHeader(ShortlivedToken),
    authRequired(),
    async () => {
      const { id } = await classReport.delay()
      return reply({ id }, 202, { location: `/api/v1/reports/${id}` })
    },
  )
}

/** `/reports/:id`: how far it is, and in the end the report. One that nobody ordered is `PENDING` for ever. */
export class OneReport extends Resource {
  get = pipeline(
    describe({ summary: 'Show a report', responses: { 200: Report } }),
    parseAuthHeader(ShortlivedToken),
    authRequired(),
    useArgs({ id: z.uuid() }, { location: 'path' }),
    async ({ args }) => {
      const result = celery.asyncResult(args.id)
      const [state, info] = [await result.state(), await result.info()]
      return {
        state,
        progress: Progress.safeParse(info).data ?? null,
        report: state === 'SUCCESS' ? (Finished.safeParse(info).data ?? null) : null,
      }
    },
  )
}
