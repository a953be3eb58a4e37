import { markdownCode } from '../../codemap/pages/markdown-text.ts'
import type { SnapshotTable } from '../schema-snapshot.ts'
import { codeName, plural } from './words.ts'

const MOST_NAMED = 20

/** What strikes an expert's eye in a catalog, each with the tables that it is about. */
export function worthALook(tables: readonly SnapshotTable[]): string[] {
  const own = tables.filter((table) => table.query === null && !table.isPartition && table.kind !== 'foreign table')
  const lines = [
    ...tell(
      own.filter(({ primaryKey }) => primaryKey === null),
      'without a primary key',
    ),
    ...tell(own.filter(isUnused), 'of which no use was counted'),
    ...tell(
      own.filter(({ rows }) => rows.exact === 0),
      'without rows',
    ),
    ...tell(
      own.filter(({ rowSecurity, policies }) => rowSecurity !== 'off' && policies.length === 0),
      'with row level security and no policy: nobody but the owner sees a row',
    ),
    ...tell(
      own.filter(({ rowSecurity, policies }) => rowSecurity === 'off' && policies.length > 0),
      'with policies that do nothing, since row level security is off',
    ),
    ...parts(own, 'constraint that was never checked against the rows', (table) =>
      table.constraints.filter((one) => !one.validated).map((one) => one.name),
    ),
    ...parts(own, 'index that is not valid: it costs writes and serves nobody', (table) =>
      table.indexes.filter((one) => !one.valid).map((one) => one.name),
    ),
    ...parts(own, 'trigger that is disabled', (table) =>
      table.triggers.filter((one) => one.enabled === 'no').map((one) => one.name),
    ),
  ]
  return lines.length === 0 ? [] : ['## Worth a look', '', ...lines, '']
}

function isUnused({ use }: SnapshotTable): boolean {
  return use !== null && use.sequentialScans + use.indexScans + use.inserts + use.updates + use.deletes === 0
}

function tell(tables: readonly SnapshotTable[], what: string): string[] {
  return tables.length === 0 ? [] : [`- ${plural(tables.length, 'table')} ${what}: ${some(tables.map(codeName))}.`]
}

function parts(tables: readonly SnapshotTable[], what: string, namesOf: (table: SnapshotTable) => string[]): string[] {
  return tables
    .flatMap((table) =>
      namesOf(table).map(
        (name) => `- ${codeName(table)}: ${markdownCode(name)} is a${/^[aeiou]/.test(what) ? 'n' : ''} ${what}.`,
      ),
    )
    .slice(0, MOST_NAMED)
}

function some(names: readonly string[]): string {
  const left = names.length - MOST_NAMED
  return left > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${left} more` : names.join(', ')
}
