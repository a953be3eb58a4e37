import { namePartsOf, referencesTo } from '../codemap/suspects/name-tokens.ts'
import type { Candidate } from './candidate.ts'
import { familyOf, plainName } from './column-family.ts'

/** What a column refers to. */
export interface Referred {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/** Which columns name a row of another table: by a foreign key, else by their names (`user_id`, where there are `users`). */
export class References {
  readonly #byTable = new Map<string, ReadonlyMap<string, Referred>>()

  constructor(candidates: readonly Candidate[]) {
    const named = new Map<string, Candidate>()
    for (const one of candidates) {
      if (!one.table.columns.some(({ name }) => plainName(name) === 'id')) continue
      // The table of the plainest name: `users` before `old_users`.
      for (const name of referencesTo(one.table.name).map(plainName)) {
        const known = named.get(name)
        if (known === undefined || weighName(one) < weighName(known)) named.set(name, one)
      }
    }
    for (const one of candidates) this.#byTable.set(one.name, readReferences(one, named))
  }

  /** Null where the column names no other table's row. */
  of(table: string, column: string): Referred | null {
    return this.#byTable.get(table)?.get(column) ?? null
  }

  all(table: string): ReadonlyMap<string, Referred> {
    return this.#byTable.get(table) ?? new Map()
  }
}

function weighName({ table }: Candidate): number {
  const { core, qualifiers } = namePartsOf(table.name)
  return core.length * 2 + qualifiers.length
}

function readReferences({ table }: Candidate, named: ReadonlyMap<string, Candidate>): Map<string, Referred> {
  const found = new Map<string, Referred>()
  for (const column of table.columns) {
    const target = named.get(plainName(column.name))
    const id = target?.table.columns.find(({ name }) => plainName(name) === 'id')
    if (!target || !id || target.table.oid === table.oid || familyOf(id) !== familyOf(column)) continue
    found.set(column.name, { schema: target.table.schema, table: target.table.name, column: id.name })
  }
  for (const { references, columns } of table.constraints)
    for (const [at, column] of columns.entries()) {
      if (references === null) continue
      found.set(column, { schema: references.schema, table: references.table, column: references.columns[at] ?? '' })
    }
  return found
}

export function isSameReference(one: Referred, other: Referred): boolean {
  return one.schema === other.schema && one.table === other.table && one.column === other.column
}
