import { fetchUploads } from './upload-apps.ts'
import { describeUploads } from './upload-cases.ts'

describeUploads('fetch', fetchUploads())
