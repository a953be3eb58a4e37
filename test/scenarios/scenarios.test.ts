import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { runScenario } from './run-scenario.ts'
import { readScenario } from './scenario.ts'

const ROOT = join(import.meta.dirname, '../../scenarios')
const NAMES = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

test.each(NAMES)('%s', { timeout: 120_000 }, async (name) => {
  await runScenario(await readScenario(ROOT, name))
})
