import type { FastifyInstance } from 'fastify'
import { contentTypeParser } from 'twopi/fastify'
import { fastifyApp, injectedFastifyApp } from './apps/fastify.ts'
import { describeHttpAdapter } from './cases.ts'

const bodiesToTwopi = (app: FastifyInstance) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', contentTypeParser)
}

describeHttpAdapter('fastify', { createApp: (journal) => fastifyApp(journal, bodiesToTwopi), skips: {} })

describeHttpAdapter('fastify behind its own parsers of JSON and text', {
  createApp: (journal) => fastifyApp(journal, (app) => app.addContentTypeParser('*', contentTypeParser)),
  skips: {
    'answers the next request on a connection after a body that was too large':
      "Fastify's parsers have a limit of their own",
    'cuts the connection of a client that goes on sending after its answer':
      "Fastify's parsers have a limit of their own",
    'cuts the connection of a client that goes on sending what its headers had said was too large':
      "Fastify's parsers have a limit of their own",
    'survives a client that goes away while a view has begun to read and looks later':
      'Fastify reads it, before any view runs',
    'answers a compressed body with 415': "Fastify's parsers do not look at the encoding",
    'answers an unknown charset with 415': "Fastify's parsers take everything for UTF-8",
    'answers JSON that is not UTF-8 with 400': "Fastify's parsers replace bytes that are not UTF-8",
    'decodes a body by its charset': "Fastify's parsers take everything for UTF-8",
    'gives up on a body whose client goes away, and goes on serving': 'Fastify reads it, before any view runs',
    'holds a body to the limit of its route': "Fastify's parsers have a limit of their own",
    'lets the last of duplicate JSON keys win and __proto__ do nothing': "Fastify's parser answers __proto__ with 400",
  },
})

describeHttpAdapter('fastify through inject', {
  createApp: (journal) => injectedFastifyApp(journal, bodiesToTwopi),
  skips: {
    'aborts the signal when the client goes away': 'there is no socket to cut',
    "takes a request's whole URL for its path and query": 'there is no connection',
    'answers the next request on a connection after a body that was too large': 'there is no connection',
    'cuts the connection of a client that goes on sending after its answer': 'there is no connection',
    'cuts the connection of a client that goes on sending what its headers had said was too large':
      'there is no connection',
    'survives a client that goes away while a view has begun to read and looks later': 'there is no socket to cut',
    'does not abort the signal of a request that was answered': 'an injected response is never finished',
    'gives up on a body whose client goes away, and goes on serving': 'there is no socket to cut',
  },
})
