import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { runScenario } from './run-scenario.ts'
import { readScenario } from './scenario.ts'

const ROOT = join(import.meta.dirname, '../../scenarios')

/** Each takes some 14 s: `npm test` has every third, and two files that run side by side have the others. */
export function testThird(first: 0 | 1 | 2): void {
  const names = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .filter((_, i) => i % 3 === first)
  test.each(names)('%s', { timeout: 180_000 }, async (name) => {
    await runScenario(await readScenario(ROOT, name))
  })
}
