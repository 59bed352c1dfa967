import { fastifyUploads } from './upload-apps.ts'
import { describeUploads } from './upload-cases.ts'

describeUploads('fastify', fastifyUploads())
