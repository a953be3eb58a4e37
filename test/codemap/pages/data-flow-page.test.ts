import { describe, expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { writeDataFlowPage } from '../../../src/codemap/pages/data-flow-page.ts'
import { mermaidLabel } from '../../../src/codemap/pages/mermaid-text.ts'
import { describeProgram, type Program } from '../program.ts'
import { HOSTILE_NAMES, makeHostileProgram } from '../programs/hostile.ts'
import { postingProgram } from '../programs/posting.ts'
import { shopProgram } from '../programs/shop.ts'
import { makeProgram } from '../programs/synthetic.ts'
import { diagramsOf, parseMermaid } from './parse-mermaid.ts'

const EMPTY = describeProgram('entry src/main.ts')
const PROGRAMS: [name: string, program: Program][] = [
  ['a posting product', postingProgram],
  ['a shop', shopProgram],
  ['one table', describeProgram('src/main.ts#list select posts read:id')],
  ['130 tables', makeProgram({ tables: 130, modules: 60, interactions: 5000 })],
  ['600 tables in 900 files', makeProgram({ tables: 600, modules: 900, interactions: 9000 })],
  ['hostile names', makeHostileProgram()],
]

function pageOf(program: Program, toRoot = '../'): string {
  return writeDataFlowPage(buildMap({ ...program, problems: [] }), toRoot)
}

describe.each(PROGRAMS)('%s', (_name, program) => {
  const page = pageOf(program)
  const diagrams = diagramsOf(page)

  test('Mermaid reads every diagram, and none is a hairball', async () => {
    expect(diagrams.length).toBeGreaterThan(0)
    for (const diagram of diagrams) {
      const { nodes, edges } = await parseMermaid(diagram)
      expect(nodes.size).toBeGreaterThan(0)
      expect(nodes.size).toBeLessThanOrEqual(25)
      expect(edges).toBeLessThanOrEqual(30)
      // What GitHub draws at most is 50,000 characters.
      expect(diagram.length).toBeLessThan(20_000)
    }
  })

  test('every table is in the contents and has a row of its own', () => {
    const { tables } = buildMap({ ...program, problems: [] })
    expect(page.match(/^\| .+? \| (critical|important|legacy|unknown) \|/gm)).toHaveLength(tables.length)
  })

  test('every anchor that is linked to is there, and no fence is left open', () => {
    const anchors = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor)
    for (const anchor of anchors) expect(page).toContain(`<a id="${anchor}"></a>`)
    expect((page.match(/^```/gm) ?? []).length).toBe(2 * diagrams.length)
  })
})

test('the labels that Mermaid shows are the names', async () => {
  const shown = HOSTILE_NAMES.map((name) => [name, name.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim() || ' '])
  for (const [name = '', expected] of shown) {
    const { nodes } = await parseMermaid(`flowchart LR\n  n1[${mermaidLabel(name)}]`)
    // Mermaid keeps entities in a code of its own until it draws.
    const decoded = (nodes.get('n1') ?? '').replace(/ﬂ°°(\d+)¶ß/g, (_all, code: string) =>
      String.fromCodePoint(Number(code)),
    )
    expect(decoded.trim()).toBe(expected?.trim())
    expect([...nodes.keys()]).toEqual(['n1'])
  }
})

test('a page without tables says so', () => {
  const page = pageOf(EMPTY)
  expect(page).toContain('0 accesses to 0 tables in 1 file')
  expect(diagramsOf(page)).toEqual([])
})

test('flows are sentences with links to the lines', () => {
  const page = pageOf(postingProgram, '../../')
  expect(page).toContain(
    '1. critical: **postingQueue** → `posted_decisions` ([insert](../../src/posting/tell.ts#L10)) →' +
      ' **metricsCollector** ([select](../../src/jobs/metricsCollector.ts#L10)) → `outcomes` ([insert]',
  )
  expect(page).toContain('### `posted_decisions`, `posts`, `tweets`, `unified_posts`')
})

test('links lead to files of any name', () => {
  const program = describeProgram('src/[id]/a(b)%20#1.ts# select posts read:id')
  const link = pageOf({
    ...program,
    interactions: program.interactions.map((one) => ({ ...one, file: 'src/[id] x/a(b)%20#1.ts' })),
  })
  expect(link).toContain('(../src/%5Bid%5D%20x/a%28b%29%2520%231.ts#L10)')
})

test('the same program gives the same page, whatever order it is read in', () => {
  const turned = { ...postingProgram, interactions: [...postingProgram.interactions].reverse() }
  expect(pageOf(turned)).toBe(pageOf(postingProgram))
})
