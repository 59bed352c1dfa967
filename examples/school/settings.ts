import { randomBytes } from 'node:crypto'
import { loadConfig } from 'twopi/config'
import { z } from 'zod'

/** `PORT`, `FRAMEWORK` and `SECRET_KEY` of the environment or a file `.env`; without a secret one is made for this run. */
export const settings = loadConfig(
  {
    port: z.number().int().min(0).max(65_535).default(5005),
    framework: z.enum(['express', 'fastify', 'hono', 'fetch']).default('express'),
    secretKey: z.string().min(32).optional(),
  },
  { prefix: '', files: ['.env'] },
)

/** What signs the tokens. */
export const secretKey: string = settings.secretKey ?? randomBytes(32).toString('hex')
