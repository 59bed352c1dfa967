import { calledFetchApp, fetchApp } from './apps/fetch.ts'
import { describeHttpAdapter } from './cases.ts'

describeHttpAdapter('fetch on a Node server', { createApp: fetchApp, skips: {} })

describeHttpAdapter('fetch, called', {
  createApp: calledFetchApp,
  skips: {
    'keeps repeated header lines apart': 'a web Request has joined them already',
    'aborts the signal when the client goes away': 'there is no socket to cut',
    'gives up on a body whose client goes away, and goes on serving': 'there is no socket to cut',
  },
})
