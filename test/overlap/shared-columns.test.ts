import { expect, test } from 'vitest'
import type { CatalogTable } from '../../src/catalog/types.ts'
import { createGiveWay } from '../../src/lib/give-way.ts'
import type { Candidate, CandidateColumn } from '../../src/overlap/candidate.ts'
import { References } from '../../src/overlap/references.ts'
import { findShared } from '../../src/overlap/shared-columns.ts'
import type { Sketch } from '../../src/overlap/sketch.ts'

/** Tables of one column `ref` each, with these values; of the column a sketch of this shift. */
function tablesOf(contents: readonly { readonly values: Iterable<number>; readonly shift: number }[]) {
  const column = { name: 'ref', baseType: 'text', typeCategory: 'S', sequence: null, distinct: null } as CandidateColumn
  const tables = contents.map(
    (_, at) =>
      ({ oid: at, schema: 'public', name: `t${at}`, columns: [column], constraints: [] }) as unknown as CatalogTable,
  )
  const candidates = tables.map((table) => ({ name: table.name, table, columns: [column] }) as unknown as Candidate)
  const sketches = contents.map(({ values, shift }, at): Sketch => {
    const kept = [...values].filter((value) => value % 2 ** shift === 0)
    return { table: `t${at}`, column, share: 1, shift, hashes: new Map(kept.map((value) => [value, 1])) }
  })
  return { candidates, sketches, references: new References(candidates) }
}

function draw(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
}

test('of every two sketches the share is that of their common values, whatever their shifts are', async () => {
  const random = draw(7)
  const contents = Array.from({ length: 40 }, () => ({
    values: new Set(Array.from({ length: 60 + random(80) }, () => random(400))),
    shift: random(3),
  }))
  const { candidates, sketches, references } = tablesOf(contents)
  const shared = await findShared(candidates, sketches, references, async () => {})
  const expected = sketches.flatMap((left, at) =>
    sketches.slice(at + 1).flatMap((right) => {
      const step = 2 ** Math.max(left.shift, right.shift)
      const kept = (one: Sketch): number[] => [...one.hashes.keys()].filter((value) => value % step === 0)
      const common = kept(left).filter((value) => right.hashes.has(value)).length
      const [ofLeft, ofRight] = [common / kept(left).length, common / kept(right).length]
      return common >= 3 && Math.max(ofLeft, ofRight) >= 0.1 ? [[left.table, right.table, ofLeft, ofRight]] : []
    }),
  )
  expect(expected.length).toBeGreaterThan(100)
  expect(shared.map((one) => [one.left.table, one.right.table, one.ofLeft, one.ofRight])).toEqual(expected)
})

test('hundreds of columns with thousands of equal values leave turns to others, and are told', async () => {
  const values = Array.from({ length: 2_000 }, (_, at) => at * 31)
  const { candidates, sketches, references } = tablesOf(Array.from({ length: 300 }, () => ({ values, shift: 0 })))
  const told: number[] = []
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const shared = await findShared(
    candidates,
    sketches,
    references,
    createGiveWay((done) => told.push(done)),
  )
  clearInterval(timer)
  expect(shared.length).toBe((300 * 299) / 2)
  expect(turns).toBeGreaterThan(3)
  expect(told.at(-1)).toBeGreaterThan(100)
})
