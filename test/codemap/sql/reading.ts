import { parseStatements, type SqlSettings } from '../../../src/codemap/sql/parse-statements.ts'
import { type SqlText, words } from '../../../src/codemap/sql/sql-text.ts'

/**
 * What a text does, a line for each access: `update public.posts r:id w:title f:id o:created_at * returning
 * on:slug status=draft,posted in:fn`. `*`: columns that nobody names.
 */
export function seen(text: string | SqlText, settings: SqlSettings = {}): string[] {
  const reading = parseStatements(typeof text === 'string' ? [words(text)] : text, settings)
  const accesses = reading.accesses.map((access) => {
    const { columns, conflict, values, routine } = access
    const parts = [access.operation, access.schema === null ? access.table : `${access.schema}.${access.table}`]
    for (const [letter, names] of [
      ['r', columns.read],
      ['w', columns.written],
      ['f', columns.filtered],
      ['o', columns.ordered],
    ] as const)
      if (names.length > 0) parts.push(`${letter}:${names.join(',')}`)
    if (!columns.known) parts.push('*')
    if (access.returning) parts.push('returning')
    if (conflict.length > 0) parts.push(`on:${conflict.join(',')}`)
    for (const [column, literals] of Object.entries(values)) parts.push(`${column}=${literals.join('|')}`)
    if (routine !== null) parts.push(`in:${routine}`)
    return parts.join(' ')
  })
  return [...accesses, ...reading.gaps.map((gap) => `? ${gap.operation ?? '-'} ${gap.reason}`)]
}
