import type { Point, Size } from './drawing.ts'

/** A page is this much wider than it is high, if the largest part allows it. */
const RATIO = 1.5

/**
 * Where the parts go so that they lie in rows on a page: each in the first row that has room for it, a new row where
 * none has (first fit by falling height; Coffman et al. 1980). Corners come in the order of the parts.
 */
export function packParts(parts: readonly Size[], gap: number): Size & { corners: Point[] } {
  const area = parts.reduce((sum, { width, height }) => sum + (width + gap) * (height + gap), 0)
  const widest = parts.reduce((most, { width }) => Math.max(most, width), 0)
  const page = Math.max(widest, Math.sqrt(area * RATIO))
  const rows: { y: number; height: number; used: number }[] = []
  const corners: Point[] = parts.map(() => ({ x: 0, y: 0 }))
  const order = parts.map((part, index) => ({ part, index })).sort((a, b) => b.part.height - a.part.height)
  let bottom = 0
  for (const { part, index } of order) {
    let row = rows.find(({ used }) => used + part.width <= page)
    if (row === undefined) {
      row = { y: bottom, height: part.height, used: 0 }
      rows.push(row)
      bottom += part.height + gap
    }
    corners[index] = { x: row.used, y: row.y }
    row.used += part.width + gap
  }
  const width = rows.reduce((most, { used }) => Math.max(most, used - gap), 0)
  return { width: Math.ceil(width), height: Math.ceil(Math.max(0, bottom - gap)), corners }
}
