import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { TotalsReporter } from './test/support/totals-reporter.ts'

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests speak to the sources by the names users write.
    alias: [
      { find: /^twopi\/(express|fastify|hono|fetch)$/, replacement: src('adapters/$1/index.ts') },
      { find: /^twopi\/(.+)$/, replacement: src('$1/index.ts') },
      { find: /^twopi$/, replacement: src('index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Ends what tests had started for all of them; starts nothing itself.
    globalSetup: ['test/support/services/keeper.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    unstubEnvs: true,
    // On a machine that runs everything, a skipped test is a failed run.
    reporters: process.env['CI'] ? ['default', new TotalsReporter()] : ['default'],
  },
})
