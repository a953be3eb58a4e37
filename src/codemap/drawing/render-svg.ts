import { labelOf, NOTE_SIZE, PADDING, ROW_HEIGHT, ROW_SIZE, rowOffset, TITLE_SIZE, titleOf } from './box-size.ts'
import type { Area, Box, BoxShape, Drawing, Layout, Point, Row } from './drawing.ts'
import { LEGEND_HEIGHT, renderLegend } from './legend.ts'
import { renderLine } from './render-line.ts'
import { mark } from './svg-marks.ts'
import { pointerRules, styleRules } from './svg-style.ts'
import { attribute, element, tooltip, xmlText } from './svg-text.ts'

const NARROWEST = 860

/** The drawing as one SVG document. It loads nothing and runs nothing. */
export function renderSvg(drawing: Drawing, layout: Layout): string {
  const width = Math.max(NARROWEST, layout.width)
  const left = Math.round((width - layout.width) / 2)
  const height = layout.height + LEGEND_HEIGHT
  const related = relatedParts(drawing)
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    element('title', {}, xmlText(`Data flow: ${drawing.title}`)),
    `<style>`,
    ...[...styleRules(), ...pointerRules(related)].map((rule) => `  ${rule}`),
    '</style>',
    '<rect class="page" width="100%" height="100%"/>',
    ...renderLegend(drawing),
    `<g transform="translate(${left} ${LEGEND_HEIGHT})">`,
    ...drawing.lines.flatMap((line) => renderLine(line, layout, drawing.direction)),
    ...drawing.boxes.flatMap((box) => {
      const [area, shape] = [layout.areas.get(box.id), layout.shapes.get(box.id)]
      return area && shape ? renderBox(box, area, shape, related) : []
    }),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Of each part that the pointer can be on: the parts that stay bright with it, itself included. */
function relatedParts({ boxes, lines }: Drawing): Map<string, Set<string>> {
  const related = new Map<string, Set<string>>()
  for (const { id, rows } of boxes) {
    related.set(id, new Set([id, ...rows.map((row) => row.id)]))
    for (const row of rows) related.set(row.id, new Set([row.id, ...row.related]))
  }
  for (const { from, to } of lines) {
    related.get(from)?.add(to)
    related.get(to)?.add(from)
  }
  return related
}

function renderBox(box: Box, area: Area, shape: BoxShape, related: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const { x, y, width, height } = roundArea(area)
  const radius = box.kind === 'tables' ? 4 : 12
  const rectangle = `<rect class="${box.class ?? 'box'}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`
  const at = { x: x + PADDING, y: y + 19 }
  const title = [...(box.class ? [mark(box.class, { x: at.x, y: at.y - 9 })] : []), ...head(box, at)]
  const rows = box.rows.flatMap((row, index) => {
    const offset = rowOffset(index, box.rows.length, shape)
    return renderRow(row, { x: x + offset.x, y: y + offset.y }, shape.columnWidth, related)
  })
  const inside = [tooltip(box.tooltip), rectangle, ...title]
  const parts = box.link ? [`<a href="${attribute(box.link)}">`, ...inside, '</a>'] : inside
  const bright = classesOf(box.id, related)
  return box.rows.length > 0
    ? [`<g>`, ...parts, ...rows, '</g>']
    : [`<g id="${box.id}" class="part ${bright}">`, ...parts, '</g>']
}

function head(box: Box, { x, y }: Point): string[] {
  const indent = box.class ? 16 : 0
  return [
    element(
      'text',
      { class: 'code', x: x + indent, y, 'font-size': TITLE_SIZE, 'font-weight': 600 },
      xmlText(titleOf(box)),
    ),
    element('text', { class: 'quiet', x: x + indent, y: y + 15, 'font-size': NOTE_SIZE }, xmlText(box.note)),
  ]
}

function renderRow(
  row: Row,
  { x, y }: Point,
  width: number,
  related: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const indent = row.class ? 16 : 0
  const label = element(
    'text',
    { class: 'code', x: x + indent, y: y + 14, 'font-size': ROW_SIZE },
    xmlText(labelOf(row.label)),
  )
  const inside = [
    tooltip(row.tooltip),
    // What the pointer meets between the words.
    `<rect class="hit" x="${x}" y="${y}" width="${width}" height="${ROW_HEIGHT}" fill="none" pointer-events="all"/>`,
    ...(row.class ? [mark(row.class, { x, y: y + 5 })] : []),
    row.link ? `<a href="${attribute(row.link)}">${label}</a>` : label,
    element(
      'text',
      { class: 'code quiet', x: x + width, y: y + 14, 'font-size': NOTE_SIZE, 'text-anchor': 'end' },
      xmlText(row.note),
    ),
  ]
  return [`<g id="${row.id}" class="part ${classesOf(row.id, related)}">`, ...inside, '</g>']
}

/** A part carries the id of everything with which it stays bright. */
function classesOf(id: string, related: ReadonlyMap<string, ReadonlySet<string>>): string {
  return [...(related.get(id) ?? [])].join(' ')
}

function roundArea({ x, y, width, height }: Area): Area {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }
}
