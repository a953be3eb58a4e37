import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCodeMap } from '../../src/codemap/read-code-map.ts'
import { describeInteraction, describeUnresolved } from './describe-interaction.ts'

/**
 * Each folder of `fixtures/` is a small project. Its expected.json has `interactions` and `unresolved` as lines (see
 * describe-interaction.ts), and `problems` where there are any.
 */
interface Expected {
  readonly interactions: readonly string[]
  readonly unresolved?: readonly string[]
  readonly problems?: readonly string[]
}

const FIXTURES = join(import.meta.dirname, 'fixtures')

test.each(readdirSync(FIXTURES).sort())('%s', async (name) => {
  const folder = join(FIXTURES, name)
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected
  const map = await readCodeMap(folder)
  expect(map.interactions.map(describeInteraction)).toEqual(expected.interactions)
  expect(map.unresolved.map(describeUnresolved)).toEqual(expected.unresolved ?? [])
  expect(map.problems.map(({ file, message }) => `${file}: ${message}`)).toEqual(expected.problems ?? [])
})
