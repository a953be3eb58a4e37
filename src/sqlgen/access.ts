import type { CatalogTable } from '../catalog/types.ts'
import { COMPAT } from '../lib/schema-names.ts'
import { ident, join, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { carriedColumn, compatView, display, hasColumn, lineageTable, relation } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * Rights on the new table: never more than on every old one. A row of the new table may come from any of
 * its sources, so a role may read a column only where it may read everything that feeds it, in all of them.
 */
export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

function allowed(table: CatalogTable, role: string, privilege: Privilege, column: string | null): boolean {
  return table.grants.some(
    (grant) =>
      (grant.role === role || grant.role === 'PUBLIC') &&
      grant.privilege === privilege &&
      (grant.column === null || grant.column === column),
  )
}

function rolesOf(tables: readonly CatalogTable[]): string[] {
  return [...new Set(tables.flatMap((table) => table.grants.map((grant) => grant.role)))].sort()
}

/** Rights to read: from build on, so that the compat views can be read by whoever reads the old tables. */
export function readAccessStatements(t: TargetMapping, tables: readonly CatalogTable[]): Statement[] {
  return rolesOf(tables).flatMap((role) => {
    const whole = tables.every((table) => allowed(table, role, 'SELECT', null))
    const readable = t.columns.filter((column) =>
      t.sources.every((s, i) => {
        const table = tables[i]
        const uses = s.feeds.find((feed) => feed.column === column.name)?.uses ?? keyUses(s, t, column.name)
        return table !== undefined && anySelect(table, role) && uses.every((use) => allowed(table, role, 'SELECT', use))
      }),
    )
    if (!whole && readable.length === 0) return []
    const grantee = roleName(role)
    const columns = whole ? sql`` : sql` (${join(readable.map((column) => ident(column.name)))})`
    const origin = [
      // Who may not read a key in the old tables doesn't learn it from lineage either.
      ...t.key
        .filter((key) => whole || readable.some((column) => column.name === key.name))
        .map((key) => ident(key.name)),
      ...t.sources.flatMap((s, i) => [
        hasColumn(s),
        ...s.carried.flatMap((column, c) =>
          tables[i] && allowed(tables[i], role, 'SELECT', column.name) ? [carriedColumn(s, c)] : [],
        ),
      ]),
    ]
    const views = t.sources.flatMap((s, i) => (tables[i] && anySelect(tables[i], role) ? [compatView(s)] : []))
    return [
      {
        id: `read-access:${t.relation.name}:${role}`,
        sql: sql`GRANT SELECT${columns} ON ${relation(t.relation)} TO ${grantee};
GRANT SELECT (${join(origin)}) ON ${lineageTable(t)} TO ${grantee};
GRANT USAGE ON SCHEMA ${ident(COMPAT)} TO ${grantee};
GRANT SELECT ON ${join(views)} TO ${grantee}`,
        undo: null,
        lock: { mode: 'none', on: null },
        transactional: true,
        why: `${role} may read ${whole ? 'all' : 'these columns'} of every old table that feeds ${display(t.relation)}`,
      },
    ]
  })
}

/** Rights to write: from `move` on, table by table, only where the role has them on every source. */
export function writeAccessStatements(t: TargetMapping, tables: readonly CatalogTable[]): Statement[] {
  return rolesOf(tables).flatMap((role) => {
    const privileges = (['INSERT', 'UPDATE', 'DELETE'] as const).filter((p) =>
      tables.every((table) => allowed(table, role, p, null)),
    )
    if (privileges.length === 0) return []
    const grantee = roleName(role)
    const list = sql`${join(privileges.map((p) => privilegeWord(p)))}`
    const sequences = privileges.includes('INSERT')
      ? t.sequences.flatMap((s) => [s.own, ...(s.old ? [s.old] : [])])
      : []
    const usage = sequences.map((s) => sql`;\nGRANT USAGE ON SEQUENCE ${relation(s)} TO ${grantee}`)
    return [
      {
        id: `write-access:${t.relation.name}:${role}`,
        sql: sql`GRANT ${list} ON ${relation(t.relation)} TO ${grantee}${join(usage, '')}`,
        undo: sql`REVOKE ${list} ON ${relation(t.relation)} FROM ${grantee}`,
        lock: { mode: 'none', on: null },
        transactional: true,
        why: `${role} has these rights on every old table that a write to ${display(t.relation)} reaches`,
      },
    ]
  })
}

function keyUses(s: TargetMapping['sources'][number], t: TargetMapping, column: string): readonly string[] {
  return t.key.some((key) => key.name === column) ? s.keyUses : []
}

function anySelect(table: CatalogTable, role: string): boolean {
  return table.grants.some((grant) => (grant.role === role || grant.role === 'PUBLIC') && grant.privilege === 'SELECT')
}

function roleName(role: string): Sql {
  return role === 'PUBLIC' ? sql`PUBLIC` : ident(role)
}

function privilegeWord(privilege: 'INSERT' | 'UPDATE' | 'DELETE'): Sql {
  return privilege === 'INSERT' ? sql`INSERT` : privilege === 'UPDATE' ? sql`UPDATE` : sql`DELETE`
}
