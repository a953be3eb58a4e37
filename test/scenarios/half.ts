import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { runScenario } from './run-scenario.ts'
import { readScenario } from './scenario.ts'

const ROOT = join(import.meta.dirname, '../../scenarios')

/** Every second scenario, from the one at `first`: two files, since the test runner takes files side by side. */
export function testHalf(first: 0 | 1): void {
  const names = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .filter((_, i) => i % 2 === first)
  test.each(names)('%s', { timeout: 180_000 }, async (name) => {
    await runScenario(await readScenario(ROOT, name))
  })
}
