import express from 'express'
import { expressApp } from './apps/express.ts'
import { describeHttpAdapter } from './cases.ts'

describeHttpAdapter('express', { createApp: (journal) => expressApp(journal), skips: {} })

describeHttpAdapter('express behind its own body parsers', {
  createApp: (journal) => expressApp(journal, express.json({ strict: false, limit: '1mb' }), express.urlencoded()),
  skips: {
    'answers JSON that is not UTF-8 with 400': "Express's parser replaces bytes that are not UTF-8",
    'answers a compressed body with 415': "Express's parser inflates bodies",
    'survives a client that goes away while a view has begun to read and looks later':
      'Express reads it, before any view runs',
  },
})
