import { expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { clusterFiles } from '../../../src/codemap/pages/file-clusters.ts'
import { groupTables } from '../../../src/codemap/pages/table-groups.ts'
import { postingProgram } from '../programs/posting.ts'
import { makeProgram } from '../programs/synthetic.ts'

test('suspects stand on one page, and every table on exactly one', () => {
  const groups = groupTables(buildMap({ ...postingProgram, problems: [] }))
  const together = (name: string) => groups.find((group) => group.tables.some((table) => table.name === name))?.name
  expect(together('tweets')).toBe(together('posts'))
  expect(together('outcomes')).toBe(together('tweet_analytics'))
  expect(together('content_metadata')).toBe(together('content_generation_metadata_comprehensive'))
  expect(groups.flatMap((group) => group.tables)).toHaveLength(18)
})

test('130 tables are 13 to 25 groups of at most 10, with names of their own', () => {
  const map = buildMap({ ...makeProgram({ tables: 130, modules: 60, interactions: 5000 }), problems: [] })
  const groups = groupTables(map)
  expect(groups.length).toBeGreaterThanOrEqual(13)
  expect(groups.length).toBeLessThanOrEqual(25)
  expect(Math.max(...groups.map((group) => group.tables.length))).toBeLessThanOrEqual(10)
  expect(new Set(groups.map((group) => group.name)).size).toBe(groups.length)
  expect(new Set(groups.flatMap((group) => group.tables)).size).toBe(130)
})

test('folders are opened, the largest first, as long as they are few enough', () => {
  const files = ['src/a/x/1.ts', 'src/a/x/2.ts', 'src/a/y/3.ts', 'src/b/4.ts', 'src/5.ts', 'main.ts']
  const names = (most: number) =>
    clusterFiles(files, () => 1, most).map(({ name, files: own }) => `${name} ${own.length}`)
  expect(names(1)).toEqual(['./ 6'])
  expect(names(2)).toEqual(['./ 1', 'src/ 5'])
  expect(names(4)).toEqual(['./ 1', 'src/ 1', 'src/a/ 3', 'src/b/ 1'])
  expect(names(9)).toEqual(['./ 1', 'src/ 1', 'src/a/x/ 2', 'src/a/y/ 1', 'src/b/ 1'])
  const routes = ['app/a/route.ts', 'app/b/route.ts', 'app/c/route.ts', 'db/1.ts', 'db/2.ts', 'db/3.ts']
  expect(clusterFiles(routes, () => 1, 9).map((cluster) => cluster.name)).toEqual(['app/', 'db/'])
})
