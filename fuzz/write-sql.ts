import type { CrossfadeConfig } from '../src/spec/config.ts'
import type { Model, NewTable, OldTable } from './case.ts'

export function quote(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** A name as `pick` wants it. */
export function quoteAlways(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const RESERVED = new Set(['select', 'user', 'table', 'order', 'group', 'end', 'all'])

export function literal(value: string | null): string {
  if (value === null) return 'null'
  return value.includes('\\')
    ? `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${value.replaceAll("'", "''")}'`
}

/** DDL of the old tables. */
export function writeOldTables(model: Model): string {
  return [...model.old.map(writeOldTable), ...model.old.flatMap((table) => table.triggers ?? [])].join('\n')
}

const PARTITIONS = 2

function writeOldTable(table: OldTable): string {
  const columns = table.columns.map((c) => `${quote(c.name)} ${c.type}${c.notNull ? ' not null' : ''}`)
  const keys = [
    `primary key (${table.primary.map(quote).join(', ')})`,
    ...(table.unique ? [`unique (${table.unique.map(quote).join(', ')})`] : []),
  ]
  const [main = '', ...partitions] = namesOf(table).map(quote)
  const body = `create table ${main} (${[...columns, ...keys].join(', ')})`
  if (table.layout === undefined) return `${body};`
  const found = table.columns.filter((c) => c.role === 'key')
  const single = table.columns.filter((c) => c.role === 'link' || c.values === 'unique')
  const indexes = [...(found.length > 0 ? [found] : []), ...single.map((column) => [column])]
  return [
    `${body} partition by hash (${quote(table.primary[0] ?? '')});`,
    ...partitions.map(
      (name, i) => `create table ${name} partition of ${main} for values with (modulus ${PARTITIONS}, remainder ${i});`,
    ),
    // Crossfade can't build them without a lock, so it wants them to be there.
    ...indexes.map((parts) => `create index on ${main} (${parts.map(({ name }) => quote(name)).join(', ')});`),
  ].join('\n')
}

/** Names by which its rows are written. */
export function namesOf({ name, layout }: OldTable): string[] {
  const partitions = Array.from({ length: PARTITIONS }, (_, i) => `${name.slice(0, 20)}_p${i}`)
  return layout === 'partitioned' ? [name, ...partitions] : [name]
}

/** DDL of the new schema, with unqualified names. */
export function writeNewTables(model: Model): string {
  return model.new.map(writeNewTable).join('\n')
}

function writeNewTable(table: NewTable): string {
  const parts = [...table.columns.map((c) => `${quote(c.name)} ${c.type}`), ...table.constraints]
  return `create table ${quote(table.name)} (${parts.join(', ')});`
}

export function buildConfig(model: Model): CrossfadeConfig {
  const tables = Object.fromEntries(model.new.map((table) => [table.name, { kind: table.kind, ...table.spec }]))
  return { schema: 'new.sql', tables: tables as unknown as CrossfadeConfig['tables'], sync: model.sync }
}
