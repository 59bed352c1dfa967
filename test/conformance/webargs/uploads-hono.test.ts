import { honoUploads } from './upload-apps.ts'
import { describeUploads } from './upload-cases.ts'

describeUploads('hono', honoUploads())
