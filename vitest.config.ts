import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most tests wait for the server, which all of them share: two on two cores, and never so many that they queue.
    maxWorkers: Math.min(Math.max(2, availableParallelism() - 1), 6),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
