import { calledFetchApp, fetchApp } from './apps/fetch.ts'
import { describeHttpAdapter } from './cases.ts'

const UNRETURNED = "leaves the answer to the framework's own response used without being returned by an async view"
const REASON = 'a response that is not returned has no way out here'

describeHttpAdapter('fetch on a Node server', {
  createApp: fetchApp,
  skips: {
    [UNRETURNED]: REASON,
    'cuts the connection of a client that goes on sending what its headers had said was too large':
      '@hono/node-server throws away by itself what nobody reads, for half a second',
  },
})

describeHttpAdapter('fetch, called', {
  createApp: calledFetchApp,
  skips: {
    [UNRETURNED]: REASON,
    'keeps repeated header lines apart': 'a web Request has joined them already',
    'aborts the signal when the client goes away': 'there is no socket to cut',
    "takes a request's whole URL for its path and query": 'there is no connection',
    'answers the next request on a connection after a body that was too large': 'there is no connection',
    'cuts the connection of a client that goes on sending after its answer': 'there is no connection',
    'cuts the connection of a client that goes on sending what its headers had said was too large':
      'there is no connection',
    'survives a client that goes away while a view has begun to read and looks later': 'there is no socket to cut',
    'gives up on a body whose client goes away, and goes on serving': 'there is no socket to cut',
  },
})
