import { createHash } from 'node:crypto'
import type { CatalogColumn, CatalogTable } from './types.ts'

/** What is said about one part of a table: `column "mood"` → `text not null`. */
type Facts = ReadonlyMap<string, string>

/**
 * Everything about a table that matters for keeping it in step, one sorted line each: columns, constraints, unique
 * indexes, triggers, policies and grants. Neither object ids nor column positions nor plain indexes are in it, so a
 * restored copy describes itself alike and a new index stops nothing.
 */
export function describeTable(table: CatalogTable): string[] {
  return [...factsOf(table)].map(([part, fact]) => `${part} ${fact}`).sort()
}

/** SHA-256, in hex, of the descriptions of these tables, in whatever order they come. */
export function fingerprint(tables: readonly CatalogTable[]): string {
  const described = tables
    .map((table) => JSON.stringify([table.schema, table.name, describeTable(table)]))
    .sort()
    .join('\n')
  return createHash('sha256').update(described).digest('hex')
}

/** One sentence for each difference: `public.posts: column "mood" text was added`. */
export function diffTables(before: readonly CatalogTable[], after: readonly CatalogTable[]): string[] {
  const old = new Map(before.map((table) => [tableName(table), table]))
  const now = new Map(after.map((table) => [tableName(table), table]))
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const was = old.get(name)
    const is = now.get(name)
    if (was === undefined) return [`${name}: the ${is?.kind ?? 'table'} was added`]
    if (is === undefined) return [`${name}: the ${was.kind} was removed`]
    return diffFacts(factsOf(was), factsOf(is)).map((sentence) => `${name}: ${sentence}`)
  })
}

function diffFacts(before: Facts, after: Facts): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((part) => {
    const was = before.get(part)
    const is = after.get(part)
    if (was === is) return []
    if (was === undefined) return [`${part} ${is} was added`]
    if (is === undefined) return [`${part} ${was} was removed`]
    return [`${part} changed from ${was} to ${is}`]
  })
}

function factsOf(table: CatalogTable): Facts {
  const facts = new Map<string, string>()
  facts.set(
    'the relation is a',
    [table.persistence === 'permanent' ? '' : table.persistence, table.kind].join(' ').trim(),
  )
  facts.set('row level security', onOff(table.rowSecurity))
  facts.set('row level security for the owner', onOff(table.forceRowSecurity))
  if (table.viewQuery !== null) facts.set('the query', table.viewQuery)
  for (const column of table.columns) facts.set(`column ${quote(column.name)}`, describeColumn(column))
  for (const constraint of table.constraints) {
    // A validated one is told with its column, and has no row before version 18.
    if (constraint.kind === 'not null' && constraint.validated) continue
    facts.set(`constraint ${quote(constraint.name)}`, constraint.definition)
  }
  const constrained = new Set(table.constraints.map((constraint) => constraint.name))
  for (const index of table.indexes) {
    if (!index.unique || constrained.has(index.name)) continue
    facts.set(`unique index ${quote(index.name)}`, index.valid ? index.definition : `${index.definition} (not valid)`)
  }
  for (const trigger of table.triggers) {
    facts.set(`trigger ${quote(trigger.name)}`, `${trigger.definition} (${ENABLED[trigger.enabled]})`)
  }
  for (const policy of table.policies) {
    const clauses = [
      `as ${policy.permissive ? 'permissive' : 'restrictive'} for ${policy.command}`,
      `to ${policy.roles.map((role) => (role === 'PUBLIC' ? role : quote(role))).join(', ')}`,
      policy.using === null ? '' : `using (${policy.using})`,
      policy.withCheck === null ? '' : `with check (${policy.withCheck})`,
    ]
    facts.set(`policy ${quote(policy.name)}`, clauses.filter((clause) => clause !== '').join(' '))
  }
  for (const grant of table.grants) {
    const column = grant.column === null ? '' : ` (${quote(grant.column)})`
    const role = grant.role === 'PUBLIC' ? grant.role : quote(grant.role)
    facts.set(
      `grant of ${grant.privilege}${column} to ${role}`,
      grant.grantable ? 'with grant option' : 'without grant option',
    )
  }
  return facts
}

function describeColumn(column: CatalogColumn): string {
  const parts = [
    column.type,
    column.collation === null ? '' : `collate ${column.collation}`,
    column.notNull ? 'not null' : '',
    column.identity === null ? '' : `generated ${column.identity} as identity`,
    column.generated === null ? '' : `generated always as (${column.default}) ${column.generated}`,
    column.generated !== null || column.default === null ? '' : `default ${column.default}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const ENABLED = { O: 'enabled', D: 'disabled', R: 'enabled for replicas', A: 'enabled always' } as const

function onOff(on: boolean): string {
  return on ? 'on' : 'off'
}

function tableName(table: CatalogTable): string {
  return [table.schema, table.name].map((name) => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : quote(name))).join('.')
}

/** On one line, whatever the name holds. */
function quote(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}
