import type { TableClass } from '../interaction-map.ts'
import { proseWidth } from '../queries/text-width.ts'
import type { Drawing } from './drawing.ts'
import { mark } from './svg-marks.ts'
import { element, xmlText } from './svg-text.ts'

export const LEGEND_HEIGHT = 84
const SIZE = 12
const CLASSES: readonly TableClass[] = ['critical', 'important', 'legacy', 'unknown']

/** What the drawing is of, and what its signs mean; above the drawing. */
export function renderLegend({ title, subtitle, direction }: Drawing): string[] {
  const parts: string[] = [
    element('text', { x: 24, y: 34, 'font-size': 18, 'font-weight': 600 }, xmlText(title)),
    element(
      'text',
      { class: 'quiet', x: 24 + proseWidth(title, 18) + 12, y: 34, 'font-size': SIZE },
      xmlText(subtitle),
    ),
  ]
  let x = 24
  const y = 62
  function add(sign: string, width: number, text: string): void {
    parts.push(sign, element('text', { class: 'quiet', x: x + width, y, 'font-size': SIZE }, xmlText(text)))
    x += width + proseWidth(text, SIZE) + 16
  }
  for (const name of CLASSES) add(mark(name, { x, y: y - 9 }), 16, name)
  add(lineSign(x, y, 'writes'), 40, direction === 'down' ? 'writes' : 'writes, or writes and reads')
  add(lineSign(x, y, 'reads'), 40, 'only reads')
  if (direction === 'right') add('', 0, 'left: mostly read, right: mostly written')
  return parts
}

function lineSign(x: number, y: number, kind: 'writes' | 'reads'): string {
  return `<path class="${kind} line" stroke-width="2.5" d="M${x} ${y - 4} H${x + 30}"/>`
}
