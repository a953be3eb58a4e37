import { MARK } from '../sqlgen/check-rows.ts'

/** What a refusal of the projection is about. */
export interface Refusal {
  /** Parts of the finding's name behind the unit's. */
  readonly id: readonly string[]
  readonly what: string
  readonly advice: string
}

const DATA = 'Correct the old rows, or say in the mapping what they become'

/** A refusal {sqlstate, reason} as `refusedRows` groups them, in words. */
export function tellRefusal(sqlstate: string, reason: string): Refusal {
  if (reason.includes(MARK)) {
    const [column = '', source = '', before = '', after = ''] = reason.split(MARK)
    const [, raising, state] = /^raises:(.*):(\w{5})$/s.exec(before) ?? []
    if (raising !== undefined && state !== undefined) return tellRaising(raising, source, state)
    const what = `${column}, from ${source}: ${after === '' ? before : `${before}…${after}`}`
    return { id: ['value', column, source], what, advice: `${DATA} (columns.${column}).` }
  }
  const [, missing] = /^null value in column "(.*?)" of relation/.exec(reason) ?? []
  if (missing !== undefined)
    return {
      id: ['not-null', missing],
      what: `${missing} is NOT NULL, and no source has a value`,
      advice: `${DATA} (columns: { ${missing}: { otherwise: … } }), or let the new column be null.`,
    }
  const [, check] = /violates check constraint "(.*)"$/.exec(reason) ?? []
  if (check !== undefined)
    return {
      id: ['check', check],
      what: `the CHECK ${check} refuses them`,
      advice: `${DATA}, or let the new schema's CHECK allow it.`,
    }
  const [, column] = /^column "(.*?)": /.exec(reason) ?? []
  return {
    id: [sqlstate === '22003' ? 'range' : 'loss', column ?? sqlstate],
    what: reason.replaceAll('...', '…'),
    advice: `${DATA}, or give the new column a type that holds them.`,
  }
}

/** Of an expression that raises on some rows; '' is the condition. */
export function tellRaising(column: string, source: string, sqlstate: string): Refusal {
  return {
    id: ['raises', column || 'where', source, sqlstate],
    what: `${column === '' ? 'the condition' : `the expression of ${column}`} over ${source} raises SQLSTATE ${sqlstate}`,
    advice:
      'Write it so that it gives null for such a row, or correct the rows; else each of them goes to the journal.',
  }
}
