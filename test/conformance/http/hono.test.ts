import { honoApp, requestedHonoApp } from './apps/hono.ts'
import { describeHttpAdapter } from './cases.ts'

describeHttpAdapter('hono on node-server', { createApp: honoApp, skips: {} })

describeHttpAdapter('hono through request', {
  createApp: requestedHonoApp,
  skips: {
    'keeps repeated header lines apart': 'a web Request has joined them already',
    'aborts the signal when the client goes away': 'there is no socket to cut',
    'gives up on a body whose client goes away, and goes on serving': 'there is no socket to cut',
  },
})
