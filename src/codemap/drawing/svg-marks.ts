import type { TableClass } from '../interaction-map.ts'
import type { Point } from './drawing.ts'

/** The mark of a class, 10 pixels in each direction; told apart by its shape as well as by its colour. */
export function mark(name: TableClass, { x, y }: Point): string {
  const [cx, cy] = [x + 5, y + 5]
  switch (name) {
    case 'critical':
      return `<path class="${name} mark" d="M${cx} ${cy - 6} L${cx + 6} ${cy} L${cx} ${cy + 6} L${cx - 6} ${cy} Z"/>`
    case 'important':
      return `<circle class="${name} mark" cx="${cx}" cy="${cy}" r="4.5"/>`
    case 'legacy':
      return `<circle class="${name} mark" cx="${cx}" cy="${cy}" r="4" stroke-width="1.5"/>`
    default:
      return `<rect class="${name} mark" x="${cx - 4}" y="${cy - 4}" width="8" height="8" stroke-width="1.5"/>`
  }
}
