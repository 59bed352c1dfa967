import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

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
    testTimeout: 20_000,
    hookTimeout: 60_000,
    unstubEnvs: true,
  },
})
