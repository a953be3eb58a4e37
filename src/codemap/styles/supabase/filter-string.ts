import type { Literal } from '../../interaction.ts'
import { columnName, HOLE, splitTop } from './select-string.ts'

export interface Condition {
  readonly column: string
  readonly value: Literal | undefined
}

/**
 * The columns of the argument of `.or()`: `status.eq.draft,and(likes.gt.3,not.or(title.is.null,body.is.null))`. A part
 * that isn't known is left out.
 */
export function parseFilter(text: string): Condition[] {
  return splitTop(text, ',').flatMap((item): Condition[] => {
    const part = item.trim().replace(/^not\.(?=and\(|or\()/, '')
    const group = /^(?:and|or)\((.*)\)$/s.exec(part)
    if (group) return parseFilter(group[1] ?? '')
    const [, column = '', operator = '', value = ''] =
      /^("[^"]*"|[^.]*)\.((?:not\.)?\w+)(?:\([^)]*\))?\.(.*)$/s.exec(part) ?? []
    if (column === '' || column.includes(HOLE)) return []
    const told = operator === 'eq' && !value.includes(HOLE) ? value : undefined
    return [{ column: columnName(column), value: told }]
  })
}
