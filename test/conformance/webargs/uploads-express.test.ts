import { expressUploads } from './upload-apps.ts'
import { describeUploads } from './upload-cases.ts'

describeUploads('express', expressUploads())
