import type { Interaction, Literal } from '../codemap/interaction.ts'
import type { VocabularySpec } from '../spec/config.ts'
import type { Finding } from './coverage.ts'
import type { Feed, OldTable } from './feeds.ts'

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])
const READS = new Set(['select', 'update', 'delete', 'upsert'])

/** What stands between one access to an old table and one new table that takes it. */
export function checkAccess(access: Interaction, table: OldTable): Finding[] {
  const { read, written, filtered, ordered } = access.columns
  const columns = [...new Set([...read, ...written, ...filtered, ...ordered])].sort()
  return [
    ...columns.flatMap((column) => checkColumn(access, table, column)),
    ...checkEvery(access, table),
    ...checkConflict(access, table),
    ...checkRows(access, table),
  ]
}

function checkColumn(access: Interaction, table: OldTable, column: string): Finding[] {
  const feeds = table.feeds.filter((feed) => feed.oldColumn === column)
  const becomes = feeds.map((feed) => `${table.newTable}.${feed.newColumn}`)
  const found = (kind: Finding['kind'], message: string): Finding => ({ kind, column, becomes, message })
  if (SYSTEM_COLUMNS.has(column))
    return [found('system column', `${column} is a column of tables alone: a read of it stays on the old side`)]
  if (feeds.length === 0)
    return [found('unmapped', `${column} is ${usesOf(access, column)}, and nothing in the mapping takes it`)]
  const several = feeds.length > 1 ? [found('several', `${column} has become ${becomes.join(' and ')}`)] : []
  return [
    ...several,
    ...feeds.flatMap((feed) => checkFeed(access, table, feed)),
    ...checkPrecedence(access, table, feeds),
  ]
}

function usesOf({ columns }: Interaction, column: string): string {
  const uses = (['read', 'written', 'filtered', 'ordered'] as const).filter((use) => columns[use].includes(column))
  const words = { read: 'read', written: 'written', filtered: 'filtered by', ordered: 'ordered by' }
  return uses.map((use) => words[use]).join(', ')
}

function checkFeed(access: Interaction, table: OldTable, feed: Feed): Finding[] {
  const { oldColumn: column, newColumn, expression } = feed
  const name = `${table.newTable}.${newColumn}`
  const found = (kind: Finding['kind'], message: string): Finding[] => [{ kind, column, becomes: [name], message }]
  switch (feed.how) {
    case 'same':
      return []
    case 'renamed':
      return found('renamed', `${column} is now ${name}`)
    case 'cast':
      return found('cast', `${column} has another type in ${name}: ${expression}`)
    case 'words':
      return found('words', `${column} has other words in ${name}${describeWords(access.values?.[column], feed.words)}`)
    case 'linked':
      return found('linked', `${name} is found through ${column}: code by the new name has to know it`)
    case 'expression':
      return found('expression', `${name} is ${expression}: not the value that ${column} has`)
  }
}

/** The words that stand in the code, each with what becomes of it. */
function describeWords(literals: readonly Literal[] = [], words?: VocabularySpec): string {
  const texts = literals.filter((literal): literal is string => typeof literal === 'string')
  if (texts.length === 0 || words === undefined) return ''
  const known = texts.map((text) => {
    const word = words.values[text]
    if (word !== undefined) return `'${text}' is '${word}'`
    if (words.unknown === 'keep') return `'${text}' stays`
    if (typeof words.unknown === 'object')
      return `'${text}' is ${words.unknown.as === null ? 'null' : `'${words.unknown.as}'`}`
    return `'${text}' has none`
  })
  return `: ${known.join(', ')}`
}

function checkPrecedence(access: Interaction, table: OldTable, feeds: readonly Feed[]): Finding[] {
  if (access.operation !== 'select') return []
  return feeds.flatMap(({ oldColumn: column, newColumn }) => {
    const rivals = table.rivals.get(newColumn)
    if (rivals === undefined) return []
    const before = table.siblings.indexOf(rivals[0] ?? '') < table.siblings.indexOf(sourceName(table))
    const message = before
      ? `where ${rivals[0]} has a value for it, a compat view shows that one`
      : `where it is null and ${rivals.join(' or ')} has a value, a compat view shows that one`
    return [{ kind: 'precedence', column, becomes: [`${table.newTable}.${newColumn}`], message }]
  })
}

function sourceName(table: OldTable): string {
  return table.siblings.includes(table.name) ? table.name : `${table.schema}.${table.name}`
}

function checkEvery({ columns, operation, returning }: Interaction, { newTable }: OldTable): Finding[] {
  if (columns.known) return []
  const reads = operation === 'select' || returning
  const message = reads
    ? `the columns are not named here, and a row of ${newTable} has others`
    : `what is written is not named here, and a row of ${newTable} has other columns`
  return [{ kind: 'every column', column: null, becomes: [], message }]
}

function checkConflict({ operation, conflict }: Interaction, table: OldTable): Finding[] {
  if (operation !== 'upsert' || conflict === undefined || conflict.length === 0) return []
  const now = conflict.map((column) =>
    table.feeds.find((feed) => feed.oldColumn === column && feed.how !== 'expression'),
  )
  const columns = now.map((feed) => feed?.newColumn)
  const isUnique = table.uniques.some(
    (unique) =>
      unique.length === columns.length && columns.every((column) => column !== undefined && unique.includes(column)),
  )
  if (isUnique) return []
  return [
    {
      kind: 'conflict',
      column: null,
      becomes: columns.flatMap((column) => (column === undefined ? [] : [`${table.newTable}.${column}`])),
      message: `an upsert on (${conflict.join(', ')}) finds no such unique key in ${table.newTable}`,
    },
  ]
}

function checkRows(access: Interaction, table: OldTable): Finding[] {
  const found = (kind: Finding['kind'], message: string): Finding => ({ kind, column: null, becomes: [], message })
  if (access.operation === 'truncate')
    return [
      found(
        'truncate',
        `${table.newTable} can't be truncated while the old tables are in use: DELETE, or the old name`,
      ),
    ]
  const others = table.siblings.filter((one) => one !== sourceName(table))
  if (others.length === 0) return []
  const names = others.join(' and ')
  if (table.kind === 'append') {
    if (!READS.has(access.operation)) return []
    return [found('shared table', `${table.newTable} also has the rows of ${names}: say which are meant`)]
  }
  const messages: Partial<Record<Interaction['operation'], string>> = {
    select: `${table.newTable} also has rows that only ${names} had`,
    insert: `${names} may have made the row of ${table.newTable} already: an insert becomes an upsert on its key`,
    delete: `a row of ${table.newTable} is also that of ${names}: a delete takes both`,
  }
  const message = messages[access.operation]
  return message === undefined ? [] : [found('shared row', message)]
}
