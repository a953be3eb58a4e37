import { codeWidth, cutToCells } from '../../codemap/queries/text-width.ts'
import { formatCount } from '../../lib/progress-line.ts'
import type { OverlapGroup } from '../overlap-document.ts'
import { round, svgPage, svgText } from './svg-page.ts'

const ROW = 26
const COLUMN = 44
const BARS = 150
const PADDING = 24
const MOST_SETS = 24
/** Pixels of the bar of the table with most keys. */
const TABLE_BAR = 120

/**
 * How many keys are in exactly which tables (UpSet: Lex, Gehlenborg, Strobelt, Vuillemot & Pfister 2014): a column for each
 * set with a bar above it, a row for each table with a bar of all its keys, dots where the set has the table.
 */
export function drawSets(group: Pick<OverlapGroup, 'sets' | 'keyed' | 'key'>): string {
  const sets = group.sets.slice(0, MOST_SETS)
  const tables = group.keyed.map((name) => ({
    name,
    keys: group.sets.filter((set) => set.tables.includes(name)).reduce((sum, set) => sum + set.keys, 0),
  }))
  const longest = Math.max(1, ...sets.map((set) => set.keys))
  const most = Math.max(1, ...tables.map((table) => table.keys))
  const labels = Math.max(...tables.map((table) => codeWidth(shorten(table.name), 12)))
  const counts = Math.max(...tables.map((table) => codeWidth(formatCount(table.keys), 11)))
  const left = PADDING + counts + 8 + TABLE_BAR + 12 + labels + 16
  const top = PADDING + 30 + BARS + 12
  const x = (index: number) => left + index * COLUMN + COLUMN / 2
  const y = (index: number) => top + index * ROW + ROW / 2
  const parts = [
    svgText(`Keys (${group.key ?? ''}) by the tables that have them`, { x: PADDING, y: PADDING + 6 }, { size: 14 }),
  ]
  for (const [index, set] of sets.entries()) {
    const height = Math.max(1, (set.keys / longest) * (BARS - 16))
    const bottom = top - 12
    parts.push(
      `<rect class="bar" x="${round(x(index) - 13)}" y="${round(bottom - height)}" width="26" height="${round(height)}" rx="2"/>`,
    )
    parts.push(svgText(shortCount(set.keys), { x: x(index), y: bottom - height - 5 }, { size: 11, anchor: 'middle' }))
    const rows = tables.flatMap((table, row) => (set.tables.includes(table.name) ? [row] : []))
    const [first = 0, last = 0] = [rows[0], rows.at(-1)]
    parts.push(
      ...tables.map((_table, row) => dot(x(index), y(row), rows.includes(row))),
      `<rect class="dot" x="${round(x(index) - 1.5)}" y="${round(y(first))}" width="3" height="${round(y(last) - y(first))}"/>`,
    )
  }
  for (const [row, table] of tables.entries()) {
    const width = Math.max(1, (table.keys / most) * TABLE_BAR)
    const right = PADDING + counts + 8 + TABLE_BAR
    parts.push(
      svgText(
        formatCount(table.keys),
        { x: PADDING + counts, y: y(row) + 4 },
        { class: 'quiet', size: 11, anchor: 'end' },
      ),
      `<rect class="bar" x="${round(right - width)}" y="${round(y(row) - 7)}" width="${round(width)}" height="14" rx="2"/>`,
      svgText(shorten(table.name), { x: left - 16, y: y(row) + 4 }, { class: 'code', anchor: 'end' }),
    )
  }
  const hidden = group.sets.length - sets.length
  const bottom = top + tables.length * ROW + 8
  if (hidden > 0)
    parts.push(
      svgText(`${hidden} smaller sets are left out`, { x: PADDING, y: bottom + 12 }, { class: 'quiet', size: 11 }),
    )
  const width = Math.max(left + sets.length * COLUMN + PADDING, 420)
  return svgPage('Keys by the tables that have them', { width, height: bottom + PADDING }, parts)
}

function dot(x: number, y: number, isFull: boolean): string {
  return `<circle class="${isFull ? 'dot' : 'hole'}" cx="${round(x)}" cy="${round(y)}" r="6"/>`
}

function shorten(name: string): string {
  return cutToCells(name, 48)
}

/** `1.2M`, `340k`: a bar is narrow. */
function shortCount(count: number): string {
  if (count >= 10_000_000) return `${Math.round(count / 1_000_000)}M`
  if (count >= 1_000_000) return `${(count / 1_000_000).toFixed(1)}M`
  return count >= 10_000 ? `${Math.round(count / 1000)}k` : formatCount(count)
}
