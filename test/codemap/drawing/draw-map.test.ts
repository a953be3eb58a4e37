import { describe, expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { rowOffset, titleOf } from '../../../src/codemap/drawing/box-size.ts'
import { describeMap } from '../../../src/codemap/drawing/draw-map.ts'
import type { Area, Drawing, Layout, Point } from '../../../src/codemap/drawing/drawing.ts'
import { layOut } from '../../../src/codemap/drawing/layout.ts'
import { renderSvg } from '../../../src/codemap/drawing/render-svg.ts'
import { codeWidth } from '../../../src/codemap/queries/text-width.ts'
import { describeProgram, type Program } from '../program.ts'
import { makeHostileProgram } from '../programs/hostile.ts'
import { postingProgram } from '../programs/posting.ts'
import { shopProgram } from '../programs/shop.ts'
import { makeProgram } from '../programs/synthetic.ts'

const PROGRAMS: [name: string, program: Program][] = [
  ['a posting product', postingProgram],
  ['a shop', shopProgram],
  ['nothing', describeProgram('entry src/main.ts')],
  ['130 tables', makeProgram({ tables: 130, modules: 60, interactions: 5000 })],
  ['400 tables in 300 files', makeProgram({ tables: 400, modules: 300, interactions: 6000 })],
  ['hostile names', makeHostileProgram()],
]

describe.each(PROGRAMS)('%s', (_name, program) => {
  const drawing = describeMap(buildMap({ ...program, problems: [] }), '../')
  const layout = layOut(drawing)
  const svg = renderSvg(drawing, layout)

  test('no box lies on another, and all are on the page', () => {
    const areas = [...layout.areas]
    expect(areas).toHaveLength(drawing.boxes.length)
    for (const [index, [id, area]] of areas.entries()) {
      expect(isOnPage(area, layout), id).toBe(true)
      for (const [other, its] of areas.slice(index + 1)) expect(overlap(area, its), `${id} and ${other}`).toBe(false)
    }
  })

  test('no line touches a box that is not its own', () => {
    for (const [line, way] of layout.ways) {
      const strangers = [...layout.areas].filter(([id]) => id !== line.from && id !== line.to)
      for (const [index, point] of way.slice(1).entries()) {
        const before = way[index] as Point
        const hit = strangers.find(([, area]) => overlap(around(before, point), area))
        // Between two points a line bends within the rectangle that they span.
        expect(hit?.[0], `${line.from} → ${line.to}`).toBeUndefined()
      }
    }
  })

  test('titles and rows fit into their boxes', () => {
    for (const box of drawing.boxes) {
      const [area, shape] = [layout.areas.get(box.id), layout.shapes.get(box.id)]
      if (!area || !shape) throw new Error(box.id)
      expect(codeWidth(titleOf(box), 13)).toBeLessThanOrEqual(area.width)
      for (const index of box.rows.keys()) {
        const { x, y } = rowOffset(index, box.rows.length, shape)
        expect(x + shape.columnWidth).toBeLessThanOrEqual(area.width)
        expect(y + 20).toBeLessThanOrEqual(area.height)
      }
    }
  })

  test('it is XML with a tooltip for every part, and needs nothing else', () => {
    expect(unbalanced(svg)).toEqual([])
    expect(/(?![\n\t])[\p{Cc}\ufffe\uffff]/u.test(svg)).toBe(false)
    expect(/<script|<image|url\(|@import|xlink/.test(svg)).toBe(false)
    const parts = svg.match(/<g id="\w+" class="part/g) ?? []
    expect(parts).toHaveLength(countParts(drawing))
    expect((svg.match(/<title>/g) ?? []).length).toBeGreaterThanOrEqual(parts.length)
    for (const name of ['critical', 'important', 'legacy', 'unknown']) expect(svg).toContain(`>${name}</text>`)
    expect(svg).toContain('prefers-color-scheme: dark')
  })
})

test('every table of 130 is named in full', () => {
  const map = buildMap({ ...makeProgram({ tables: 130, modules: 60, interactions: 5000 }), problems: [] })
  const drawing = describeMap(map, '')
  const svg = renderSvg(drawing, layOut(drawing))
  for (const { name } of map.tables) expect(svg).toContain(`>${name}</text>`)
})

function isOnPage({ x, y, width, height }: Area, page: Layout): boolean {
  return x >= 0 && y >= 0 && x + width <= page.width && y + height <= page.height
}

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1
}

function around(a: Point, b: Point): Area {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  return { x, y, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }
}

function countParts({ boxes }: Drawing): number {
  return boxes.reduce((sum, box) => sum + (box.rows.length || 1), 0)
}

/** Tags that are opened and not closed, or the other way round, and signs that should be entities. */
function unbalanced(xml: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  const text = xml.replace(/<style>.*?<\/style>/s, '')
  for (const [all, close, name = '', , self] of text.matchAll(
    /<(\/?)(\w+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|<|&(?!(?:amp|lt|gt|quot);)/g,
  )) {
    if (name === '') wrong.push(all)
    else if (close === '/') {
      if (open.pop() !== name) wrong.push(all)
    } else if (self !== '/') open.push(name)
  }
  return [...wrong, ...open]
}
