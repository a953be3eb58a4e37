import { labelSize, NOTE_SIZE } from './box-size.ts'
import type { Drawing, Layout, Line, Point } from './drawing.ts'
import { element, tooltip, xmlText } from './svg-text.ts'

const HEAD = 8

/** A line with a head where the data goes; wider for more accesses. A broad unseen one below it catches the pointer. */
export function renderLine(line: Line, layout: Layout, direction: Drawing['direction']): string[] {
  const way = layout.ways.get(line) ?? []
  const [last, before] = [way.at(-1), way.at(-2)]
  if (last === undefined || before === undefined) return []
  const width = (1 + Math.log2(1 + line.weight) / 2).toFixed(1)
  const path = curve(way, direction)
  const [first, second] = way
  const heads = [arrowHead(before, last, line.kind, direction)]
  if (line.kind === 'both' && first && second) heads.push(arrowHead(second, first, line.kind, direction))
  return [
    `<g class="way ${line.from} ${line.to} ${line.related.join(' ')}">`,
    tooltip(line.tooltip),
    `<path class="wide line" stroke-width="12" d="${path}"/>`,
    `<path class="${line.kind} line" stroke-width="${width}" d="${path}"/>`,
    ...heads,
    ...renderLabel(line.label, layout.labels.get(line)),
    '</g>',
  ]
}

/** Straight along the flow where two points are level, else an S that leaves and arrives along the flow. */
function curve(way: readonly Point[], direction: Drawing['direction']): string {
  const parts = way.map((point, index) => {
    const before = way[index - 1]
    const [x, y] = [round(point.x), round(point.y)]
    if (before === undefined) return `M${x} ${y}`
    if (direction === 'down') {
      const middle = round((before.y + point.y) / 2)
      return `C${round(before.x)} ${middle} ${x} ${middle} ${x} ${y}`
    }
    const middle = round((before.x + point.x) / 2)
    return `C${middle} ${round(before.y)} ${middle} ${y} ${x} ${y}`
  })
  return parts.join(' ')
}

/** Along the flow, as lines arrive. */
function arrowHead(from: Point, to: Point, kind: Line['kind'], direction: Drawing['direction']): string {
  const level = direction === 'right'
  const sign = level ? Math.sign(to.x - from.x) : Math.sign(to.y - from.y)
  const [x, y] = [round(to.x), round(to.y)]
  const back = HEAD * sign
  const half = HEAD / 2
  const corners = level
    ? `L${x - back} ${y - half} L${x - back} ${y + half}`
    : `L${x - half} ${y - back} L${x + half} ${y - back}`
  return `<path class="${kind} head" d="M${x} ${y} ${corners} Z"/>`
}

/** On a ground of its own. */
function renderLabel(label: string, middle: Point | undefined): string[] {
  if (middle === undefined) return []
  const { width } = labelSize(label)
  const [x, y] = [round(middle.x), round(middle.y)]
  return [
    `<rect class="under" x="${round(x - width / 2)}" y="${y - 8}" width="${round(width)}" height="15" rx="3"/>`,
    element('text', { class: 'quiet', x, y: y + 4, 'font-size': NOTE_SIZE, 'text-anchor': 'middle' }, xmlText(label)),
  ]
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}
