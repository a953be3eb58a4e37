import type { CatalogTable } from '../catalog/types.ts'
import { COMPAT } from '../lib/schema-names.ts'
import { ident, join, type Sql, sql } from '../lib/sql.ts'
import type { Link, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import {
  carriedColumn,
  compatView,
  display,
  handleColumn,
  hasColumn,
  isSame,
  lineageTable,
  relation,
  stateFunction,
} from './names.ts'
import type { CatalogLookup } from './plan.ts'
import type { Statement } from './statement.ts'

/**
 * Rights on the new table: never more than on every old one. A row of the new table may come from any of
 * its sources, so a role may read a column only where it may read everything that feeds it, in all of them.
 */
export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

function allowed(table: CatalogTable, role: string, privilege: Privilege, column: string | null): boolean {
  // No grant says what an owner may.
  if (table.owner === role) return true
  return table.grants.some(
    (grant) =>
      (grant.role === role || grant.role === 'PUBLIC') &&
      grant.privilege === privilege &&
      (grant.column === null || grant.column === column),
  )
}

/** Whoever has a right to one of these tables, its owner among them; but for the owner of the new table, who has all. */
function rolesOf(m: Mapping, t: TargetMapping, tables: readonly CatalogTable[], lookup: CatalogLookup): string[] {
  const target = lookup(t.relation) ?? lookup({ schema: m.newSchema, name: t.relation.name })
  const roles = tables.flatMap((table) => [table.owner, ...table.grants.map((grant) => grant.role)])
  return [...new Set(roles)].filter((role) => role !== target?.owner).sort()
}

interface Fed {
  readonly unit: TargetMapping
  readonly source: SourceMapping
  readonly table: CatalogTable
}

/** Old columns of this source that the column's own rule reads: those that an expression is made of, and what tells the latest. */
function ruleUses(unit: TargetMapping, source: SourceMapping, column: string): string[] {
  const rule = unit.columns.find((one) => one.name === column)?.rule
  if (rule?.kind !== 'latest' && rule?.kind !== 'expression') return []
  const by = rule.kind === 'latest' ? rule.by[rule.sources.indexOf(source.ordinal)] : undefined
  const read = (name: string): boolean =>
    rule.kind === 'latest' ? name === by : rule.sql.includes(ident(`s${source.ordinal + 1}`, name).text)
  return source.extras.filter((extra) => read(extra.name)).map((extra) => extra.uses)
}

/** Every old table that feeds a new one, by whichever way. */
function feeding(m: Mapping, t: TargetMapping, lookup: CatalogLookup): Fed[] {
  return m.targets
    .filter((unit) => isSame(unit, t))
    .flatMap((unit) =>
      unit.sources.flatMap((source) => {
        const table = lookup(source.relation)
        return table ? [{ unit, source, table }] : []
      }),
    )
}

/** Rights to read: from build on, so that the compat views can be read by whoever reads the old tables. */
export function readAccessStatements(m: Mapping, t: TargetMapping, lookup: CatalogLookup): Statement[] {
  const fed = feeding(m, t, lookup)
  return rolesOf(
    m,
    t,
    fed.map(({ table }) => table),
    lookup,
  ).flatMap((role) => {
    const whole = fed.every(({ source, table }) => {
      const linked = source.links.every((link) => mayFollow(link, role, lookup))
      return allowed(table, role, 'SELECT', null) && linked
    })
    const names = new Set(fed.flatMap(({ unit }) => unit.columns.map((column) => column.name)))
    const readable = [...names].filter((name) => fed.every((one) => mayRead(one, name, role, lookup)))
    if (!whole && readable.length === 0) return []
    const grantee = roleName(role)
    // Of an append the views find the rows by what only the new table and lineage have.
    const selected = [...t.handle.map((h) => h.name), ...readable]
    const columns = whole ? sql`` : sql` (${join(selected.map((column) => ident(column)))})`
    const own = t.sources.filter((s) => !s.stub)
    const views = own.flatMap((s) => {
      const table = lookup(s.relation)
      return table && anySelect(table, role) ? [compatView(s)] : []
    })
    // Of an append each unit has its own lineage; only who reads all of them gets the new table.
    const origin = lineageColumnsFor(t, role, whole, readable, lookup)
    return [
      {
        id: `read-access:${t.name}:${role}`,
        sql: sql`GRANT SELECT${columns} ON ${relation(t.relation)} TO ${grantee};
GRANT SELECT (${join(origin)}) ON ${lineageTable(t)} TO ${grantee};
GRANT USAGE ON SCHEMA ${ident(COMPAT)} TO ${grantee}${views.length === 0 ? sql`` : sql`;\nGRANT SELECT ON ${join(views)} TO ${grantee};\nGRANT EXECUTE ON FUNCTION ${stateFunction()}(text) TO ${grantee}`}`,
        undo: null,
        lock: { mode: 'none', on: null },
        transactional: true,
        why: `${role} may read ${whole ? 'all' : 'these columns'} of every old table that feeds ${display(t.relation)}`,
      },
    ]
  })
}

function mayRead({ unit, source, table }: Fed, column: string, role: string, lookup: CatalogLookup): boolean {
  const isKey = unit.key.some((key) => key.name === column)
  const feed = source.feeds.find((one) => one.column === column)
  const uses = feed?.uses ?? (isKey ? source.keyUses : [])
  const links = source.links.filter((link) => link.column === column || (isKey && link.column === null))
  return (
    anySelect(table, role) &&
    [...uses, ...ruleUses(unit, source, column)].every((use) => allowed(table, role, 'SELECT', use)) &&
    links.every((link) => mayFollow(link, role, lookup))
  )
}

function mayFollow(link: Link, role: string, lookup: CatalogLookup): boolean {
  return link.steps.every((step) => {
    const table = lookup(step.relation)
    return table !== undefined && step.uses.every((use) => allowed(table, role, 'SELECT', use))
  })
}

/** Who may not read a key in the old tables doesn't learn it from lineage either. */
function lineageColumnsFor(
  t: TargetMapping,
  role: string,
  whole: boolean,
  readable: readonly string[],
  lookup: CatalogLookup,
): Sql[] {
  const [source] = t.sources
  const mayReadKey = (name: string, i: number): boolean => {
    if (t.kind === 'merge') return readable.includes(name)
    const table = source && lookup(source.relation)
    const column = source?.identity[i]?.name
    return table !== undefined && column !== undefined && allowed(table, role, 'SELECT', column)
  }
  return [
    ...t.key.filter((key, i) => whole || mayReadKey(key.name, i)).map((key) => ident(key.name)),
    ...t.handle.map((_, i) => handleColumn(i)),
    ...t.sources.flatMap((s) => {
      const table = lookup(s.relation)
      return [
        hasColumn(s),
        ...s.carried.flatMap((column, c) =>
          table && allowed(table, role, 'SELECT', column.name) ? [carriedColumn(s, c)] : [],
        ),
      ]
    }),
  ]
}

/** Rights to write: from `move` on, table by table, only where the role has them on every source. */
export function writeAccessStatements(m: Mapping, t: TargetMapping, lookup: CatalogLookup): Statement[] {
  const fed = feeding(m, t, lookup).filter(({ source }) => !source.stub)
  const tables = fed.map(({ table }) => table)
  return rolesOf(m, t, tables, lookup).flatMap((role) => {
    const may = (p: Privilege): boolean => tables.every((table) => allowed(table, role, p, null))
    // An update makes the old row that is missing.
    const mayMake = fed.every(
      ({ unit, source, table }) =>
        unit.sources.length === 1 || !unit.reverse.includes(source.ordinal) || allowed(table, role, 'INSERT', null),
    )
    const privileges = (['INSERT', 'UPDATE', 'DELETE'] as const).filter((p) => may(p) && (p !== 'UPDATE' || mayMake))
    if (privileges.length === 0) return []
    const grantee = roleName(role)
    const list = sql`${join(privileges.map((p) => privilegeWord(p)))}`
    const sequences = privileges.includes('INSERT')
      ? fed[0]?.unit.sequences.flatMap((s) => [s.own, ...(s.old ? [s.old] : [])])
      : []
    const usage = (sequences ?? []).map((s) => sql`;\nGRANT USAGE ON SEQUENCE ${relation(s)} TO ${grantee}`)
    // Of the old sequence the role may have had it before.
    const own = (privileges.includes('INSERT') ? (fed[0]?.unit.sequences ?? []) : []).map(
      (s) => sql`;\nREVOKE USAGE ON SEQUENCE ${relation(s.own)} FROM ${grantee}`,
    )
    return [
      {
        id: `write-access:${t.relation.name}:${role}`,
        sql: sql`GRANT ${list} ON ${relation(t.relation)} TO ${grantee}${join(usage, '')}`,
        undo: sql`REVOKE ${list} ON ${relation(t.relation)} FROM ${grantee}${join(own, '')}`,
        lock: { mode: 'none', on: null },
        transactional: true,
        why: `${role} has these rights on every old table that a write to ${display(t.relation)} reaches`,
      },
    ]
  })
}

function anySelect(table: CatalogTable, role: string): boolean {
  if (table.owner === role) return true
  return table.grants.some((grant) => (grant.role === role || grant.role === 'PUBLIC') && grant.privilege === 'SELECT')
}

function roleName(role: string): Sql {
  return role === 'PUBLIC' ? sql`PUBLIC` : ident(role)
}

function privilegeWord(privilege: 'INSERT' | 'UPDATE' | 'DELETE'): Sql {
  return privilege === 'INSERT' ? sql`INSERT` : privilege === 'UPDATE' ? sql`UPDATE` : sql`DELETE`
}
