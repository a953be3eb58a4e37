import type { CatalogPolicy, CatalogTable } from '../catalog/types.ts'
import { RefusedError } from '../lib/errors.ts'
import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import { parseExpression } from '../spec/expression.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { tablesUnder } from '../sqlgen/links.ts'
import { display, isSame, onePerTable } from '../sqlgen/names.ts'
import type { Statement } from '../sqlgen/statement.ts'

/**
 * Row security of the new tables. Where an old table has it, the new one must: by the policies that the new
 * schema's DDL gives (the user's word), or by the old ones, where they provably mean the same on the new table.
 * Throws RefusedError where neither holds: merged rows would be open to readers of one source alone.
 */
export function checkRowSecurity(mapping: Mapping, tables: readonly CatalogTable[]): Statement[] {
  return onePerTable(mapping.targets).flatMap((first) => {
    const units = mapping.targets.filter((unit) => isSame(unit, first))
    const t = { ...first, sources: units.flatMap((unit) => unit.sources) }
    const target = tables.find((table) => table.schema === t.relation.schema && table.name === t.relation.name)
    const names = new Set(units.flatMap(tablesUnder).map(display))
    const sources = tables.filter((table) => names.has(`${table.schema}.${table.name}`))
    const secured = sources.filter((table) => table.rowSecurity)
    if (secured.length === 0 || target?.rowSecurity) return []
    return carryPolicies(t, sources)
  })
}

/**
 * Throws RefusedError where a new table has row security that its DDL does not ask for: an event trigger switches it on
 * for each table that is made, also for lineage. Without policies the application would read nothing, and no error.
 */
export function assertOwnRowSecurity(tables: readonly CatalogTable[], newSchema: string, ddl: string): void {
  const stray = tables.find((table) => table.schema === newSchema && table.rowSecurity && table.policies.length === 0)
  if (!stray || /\brow\s+level\s+security\b/i.test(ddl)) return
  throw new RefusedError(
    'build.stray_row_security',
    `${stray.name} has row level security and no policy, though its DDL asks for neither: an event trigger does it, and nobody would see a row.`,
    {
      hint: `Have the event trigger leave out the schemas ${newSchema} and crossfade; or write ALTER TABLE ${stray.name} ENABLE ROW LEVEL SECURITY and its policies into the new schema's DDL.`,
    },
  )
}

function carryPolicies(t: TargetMapping, sources: readonly CatalogTable[]): Statement[] {
  const [first] = sources
  const open = sources.find((table) => !table.rowSecurity)
  if (!first || open) throw refusal(t, `row level security is on for some of its sources, but not for ${open?.name}`)
  const described = (table: CatalogTable): string =>
    JSON.stringify(
      table.policies
        .map(({ name: _, ...policy }) => policy)
        .map((p) => JSON.stringify(p))
        .sort(),
    )
  const other = sources.find((table) => described(table) !== described(first))
  if (other) throw refusal(t, `the policies of ${first.name} and ${other.name} differ`)
  for (const policy of first.policies) assertMeansTheSame(t, policy)
  const table = ident(t.relation.schema, t.relation.name)
  const force = sources.some((source) => source.forceRowSecurity)
  return [
    {
      id: `row-security:${t.relation.name}`,
      sql: join(
        [
          sql`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
          ...(force ? [sql`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`] : []),
          ...first.policies.map((policy) => createPolicy(table, policy)),
        ],
        ';\n',
      ),
      undo: null,
      lock: { mode: 'ACCESS EXCLUSIVE', on: `${t.relation.schema}.${t.relation.name}` },
      transactional: true,
      why: `its sources have these policies, all the same, over columns that mean the same in ${t.relation.name}`,
    },
  ]
}

/** A policy may be carried only if what it looks at is, for every old row, the very value that the new row has. */
function assertMeansTheSame(t: TargetMapping, policy: CatalogPolicy): void {
  const expressions = [policy.using, policy.withCheck].filter((text) => text !== null)
  let columns: string[]
  try {
    columns = expressions.flatMap((text) => [...parseExpression(text, policy.name).columns])
  } catch {
    throw refusal(t, `policy ${policy.name} looks at other tables`)
  }
  for (const column of columns) {
    const key = t.key.some((k) => k.name === column)
    const plain = t.sources.every((s) =>
      s.back.some(
        (b) =>
          b.name === column &&
          b.feeds.length <= 1 &&
          (b.feeds[0] ?? column) === column &&
          !s.carried.some((c) => c.name === column),
      ),
    )
    if (!plain || !(key || t.sources.length === 1))
      throw refusal(t, `policy ${policy.name} looks at ${column}, which the merge may take from another source`)
  }
}

/** The policy as it is, on another table. */
export function createPolicy(table: Sql, policy: CatalogPolicy): Sql {
  const roles = join(policy.roles.map((role) => (role === 'PUBLIC' || role === 'public' ? raw('PUBLIC') : ident(role))))
  const using = policy.using === null ? raw('') : sql` USING (${raw(policy.using)})`
  const check = policy.withCheck === null ? raw('') : sql` WITH CHECK (${raw(policy.withCheck)})`
  return sql`CREATE POLICY ${ident(policy.name)} ON ${table} AS ${raw(policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE')} FOR ${raw(policy.command.toUpperCase())} TO ${roles}${using}${check}`
}

function refusal(t: TargetMapping, why: string): RefusedError {
  return new RefusedError(
    'build.row_security',
    `${t.relation.name}: ${why}, so its row level security can't be carried over.`,
    {
      hint: `Write it into the new schema's DDL: ALTER TABLE ${t.relation.name} ENABLE ROW LEVEL SECURITY; CREATE POLICY … ON ${t.relation.name} …`,
    },
  )
}
