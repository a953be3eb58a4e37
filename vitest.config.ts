import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'

export default defineConfig({
  test: {
    // What is waited for must come; how soon is no part of a test, and a second is little on a loaded machine.
    expect: { poll: { timeout: 20_000 } },
    include: ['test/**/*.test.ts'],
    // `npm run test:long` and CI run those, too.
    exclude: [...configDefaults.exclude, LONG],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most tests wait half of their time, for a lock or a look: three on two cores, and never so many that they queue for
    // the server, which all of them share.
    maxWorkers: Math.min(Math.max(3, availableParallelism() - 1), 6),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
