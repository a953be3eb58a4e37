import type { Access } from '../../access.ts'
import { placeKey } from '../../access-book.ts'
import { memberValue } from '../../read-value.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { atomsOf, unknown, type Value } from '../../value.ts'
import { openReading, openSql, readSql, type SqlOpening } from '../open-sql.ts'
import type { SqlFiles } from '../sql/read-sql-files.ts'
import { type Connection, kindOf } from './kinds.ts'
import { sqlOfStatement, textOfValue } from './statements.ts'
import { createTransactions } from './transactions.ts'

/** Runs what the code hands to `query` and to its kin. */
export interface Queries {
  readonly files: SqlFiles
  /** `query(text, values)`, `query({ text, values })`, `query(statement)`. */
  query(connection: Connection | null, args: readonly Value[], site: Site, isClient?: boolean): Value
  run(sql: SqlText, values: Value | null, block: string | null, site: Site): Access[]
}

const ROWS = unknown('it comes from the database')

export function createQueries(files: SqlFiles): Queries {
  const transactions = createTransactions()

  function query(connection: Connection | null, args: readonly Value[], site: Site, isClient = false): Value {
    const [first = unknown('nothing is handed in'), second = null] = args
    for (const atom of atomsOf(first)) {
      const made = sqlOfStatement(atom)
      const own = atom.kind === 'library' && made ? kindOf(atom) : null
      const text = atom.kind === 'object' ? (memberValue(atom, 'text') ?? unknown('it has no text')) : atom
      const values = atom.kind === 'object' ? (memberValue(atom, 'values') ?? second) : second
      for (const one of made ? [made] : atomsOf(text).map(textOfValue)) {
        const opening: SqlOpening = {
          transaction: null,
          catalog: files.catalog,
          parameters: own?.is === 'statement' ? own.values : values,
          ...(isClient
            ? {
                connection: connection ? placeKey(connection.place) : 'any',
                finish: (access) => transactions.settle(connection, access, site),
              }
            : {}),
        }
        const reading = readSql(one, opening)
        openReading(site, reading, opening)
        const { transaction } = reading
        if (isClient && transaction !== null) transactions.note(connection, transaction, site)
      }
    }
    return ROWS
  }

  return {
    files,
    query,
    run(sql, values, block, site) {
      return openSql(site, sql, { catalog: files.catalog, parameters: values, transaction: block })
    },
  }
}
