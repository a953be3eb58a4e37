import type { Access } from '../../access.ts'
import { itemsOf, membersOf } from '../../read-value.ts'
import { type SqlText, words } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import { casingOf, type DrizzleRun } from './builder.ts'
import { columnName } from './casing.ts'
import { allOf, type DatabaseOf, drizzleOf, type SqlOf } from './values.ts'

/**
 * Opens what templates within a query select from: sql`exists (select 1 from ${likes} where …)`. What they name of the
 * tables around them the query tells itself.
 */
export function readFragments(
  run: DrizzleRun,
  database: DatabaseOf,
  values: readonly (Value | undefined)[],
  site: Site,
): Access[] {
  if (database.quiet) return []
  return values.flatMap(templatesIn).flatMap((sql) => {
    if (!holdsQuery(sql.text)) return []
    const text = [words('select '), ...sql.text]
    return openSql(site, text, { ...openingOf(run, database), fragment: true })
  })
}

function templatesIn(value: Value | undefined): SqlOf[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): SqlOf[] => {
    if (atom.kind === 'array') return itemsOf(atom).items.flatMap(templatesIn)
    if (atom.kind === 'object') return membersOf(atom).members.flatMap(([, member]) => templatesIn(member))
    const of = drizzleOf(atom)
    if (of?.is === 'sql') return [of]
    return of?.is === 'term' ? [...of.templates] : []
  })
}

function holdsQuery(text: SqlText): boolean {
  return text.some((part) =>
    part.kind === 'choice' ? part.of.some(holdsQuery) : part.kind === 'words' && /\bselect\b/i.test(part.text),
  )
}

/** `db.execute(sql`…`)`, `db.execute('…')`, and a builder that is handed over to be run. */
export function readStatement(run: DrizzleRun, database: DatabaseOf, statement: Value, site: Site): Access[] {
  const isBuilt = allOf(statement, 'builder').length > 0 || allOf(statement, 'prepared').length > 0
  if (isBuilt || database.quiet) return []
  const [sql] = allOf(statement, 'sql')
  const text = sql?.text ?? sqlOfValue(statement)
  return openSql(site, text, openingOf(run, database))
}

function openingOf(run: DrizzleRun, database: DatabaseOf) {
  return {
    transaction: database.transaction,
    catalog: run.catalog,
    columnName: (name: string) => columnName(name, casingOf(run, database)),
  }
}
