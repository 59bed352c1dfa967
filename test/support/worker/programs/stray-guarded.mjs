// As stray.mjs, in a process that is guarded.
process.env.GUARDED = 'yes'
await import('./stray.mjs')
