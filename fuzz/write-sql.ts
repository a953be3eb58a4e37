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
  const [main = '', ...others] = namesOf(table).map(quote)
  const hash = ` partition by hash (${quote(table.primary[0] ?? '')})`
  const create = (name: string, rest: string): string =>
    `create table ${name} (${[...columns, ...keys].join(', ')})${rest};`
  if (table.layout === 'partitioned')
    return [
      create(main, hash),
      ...others.map(
        (name, i) =>
          `create table ${name} partition of ${main} for values with (modulus ${PARTITIONS}, remainder ${i});`,
      ),
      // Crossfade can't build them one by one, so it wants them to be there.
      ...table.columns
        .filter((c) => c.role === 'key' || c.role === 'link')
        .map((c) => `create index on ${main} (${quote(c.name)});`),
    ].join('\n')
  if (table.layout === 'partition')
    return [
      ...others.map((name) => create(name, hash)),
      ...others.map((name) => `create table ${main} partition of ${name} for values with (modulus 1, remainder 0);`),
    ].join('\n')
  return create(main, '')
}

/** Names by which its rows are written: its own, and those of the tables below or above. */
export function namesOf({ name, layout }: OldTable): string[] {
  if (layout === 'partitioned')
    return [name, ...Array.from({ length: PARTITIONS }, (_, i) => nameBeside(name, `p${i}`))]
  return layout === 'partition' ? [name, nameBeside(name, 'all')] : [name]
}

function nameBeside(name: string, word: string): string {
  return `${name.slice(0, 20)}_${word}`
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
