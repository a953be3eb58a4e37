import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const LONG = 'test/**/*.long.test.ts'

/** What takes half a minute and more. */
const FIRST = ['scenarios/first-third', 'fuzz/fuzz', 'commands/check', 'commands/bad-input', 'overlap/bad-input']

/** A clean clone has no times of an earlier run, and vitest then goes by size: the longest must not be the last. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification) => (FIRST.some((name) => file.moduleId.includes(`/${name}.`)) ? 0 : 1)
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

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
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
