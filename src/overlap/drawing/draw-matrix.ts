import { codeWidth, cutToCells } from '../../codemap/queries/text-width.ts'
import type { Pair } from '../overlap-document.ts'
import { round, svgPage, svgText } from './svg-page.ts'

const CELL_WIDTH = 58
const CELL_HEIGHT = 28
const PADDING = 24
const MOST_TABLES = 40

/** Of the keys of one table, how many another has: 0 to 1. Null where the two were not compared. */
export function shareOfKeys(pairs: readonly Pair[], of: string, within: string): number | null {
  for (const { left, right, counts } of pairs) {
    if (counts === null) continue
    if (left === of && right === within) return counts.leftKeys === 0 ? 0 : counts.shared / counts.leftKeys
    if (right === of && left === within) return counts.rightKeys === 0 ? 0 : counts.shared / counts.rightKeys
  }
  return null
}

/** `100 %` is all of them, never nearly all. */
export function tellShare(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 1) return '<1 %'
  return `${percent > 99 && percent < 100 ? '>99' : Math.round(percent)} %`
}

/** A row and a column for each table; the darker a cell, the more of the row's keys the column's table has. */
export function drawMatrix(tables: readonly string[], pairs: readonly Pair[]): string {
  const some = tables.slice(0, MOST_TABLES)
  const longest = Math.max(...some.map((name) => codeWidth(shorten(name), 12)))
  const left = PADDING + longest + 12
  // The names above stand aslant.
  const top = PADDING + 34 + longest * 0.65
  const parts = [
    svgText(
      'Of the keys of the table on the left, so many are in the one above',
      { x: PADDING, y: PADDING + 6 },
      { size: 14 },
    ),
  ]
  for (const [index, name] of some.entries()) {
    const x = left + index * CELL_WIDTH + CELL_WIDTH / 2
    parts.push(svgText(shorten(name), { x, y: top - 8 }, { class: 'code', turned: true }))
    parts.push(
      svgText(shorten(name), { x: left - 12, y: top + index * CELL_HEIGHT + 18 }, { class: 'code', anchor: 'end' }),
    )
    for (const [column, other] of some.entries())
      parts.push(...cell(pairs, name, other, left + column * CELL_WIDTH, top + index * CELL_HEIGHT))
  }
  const width = left + some.length * CELL_WIDTH + longest * 0.8 + PADDING
  return svgPage(
    'Which keys of one table another has',
    { width: Math.max(width, 520), height: top + some.length * CELL_HEIGHT + PADDING },
    parts,
  )
}

function cell(pairs: readonly Pair[], of: string, within: string, x: number, y: number): string[] {
  const size = `width="${CELL_WIDTH - 2}" height="${CELL_HEIGHT - 2}" rx="3"`
  const at = `x="${round(x)}" y="${round(y)}"`
  const share = of === within ? null : shareOfKeys(pairs, of, within)
  if (share === null) return [`<rect class="box" ${at} ${size}/>`]
  const middle = { x: x + CELL_WIDTH / 2 - 1, y: y + CELL_HEIGHT / 2 + 3 }
  return [
    `<rect class="box" ${at} ${size}/>`,
    `<rect class="share" ${at} ${size} fill-opacity="${(share * 0.9).toFixed(2)}"/>`,
    svgText(tellShare(share), middle, { class: share > 0.55 ? 'onshare' : '', size: 11, anchor: 'middle' }),
  ]
}

function shorten(name: string): string {
  return cutToCells(name, 48)
}
