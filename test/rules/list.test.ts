import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ATTACKS } from './attacks.ts'
import { PARTS, RULES } from './list.ts'
import { buildRulesPage } from './page.ts'
import { countOf, parseTest } from './rule.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

test('what a rule takes out stands exactly once in its file, and something else takes its place', () => {
  const found = RULES.map((rule) => [rule.id, countOf(read(rule.file), rule.from)])
  expect(found.filter(([, count]) => count !== 1)).toEqual([])
  expect(RULES.filter((rule) => rule.from === rule.to)).toEqual([])
})

test('every rule has a name of its own, and every named test is there', () => {
  expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length)
  expect(RULES.filter((rule) => rule.tests.length === 0)).toEqual([])
  const missing = [...RULES, ...ATTACKS]
    .flatMap((one) => one.tests)
    .filter((name) => !read(parseTest(name).file).includes(parseTest(name).title))
  expect(missing).toEqual([])
})

test('docs/rules.md says what the list says (vitest -u writes it)', async () => {
  await expect(buildRulesPage(PARTS, ATTACKS)).toMatchFileSnapshot(join(ROOT, 'docs/rules.md'))
})
