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
  return model.old.map(writeOldTable).join('\n')
}

function writeOldTable(table: OldTable): string {
  const columns = table.columns.map((c) => `${quote(c.name)} ${c.type}${c.notNull ? ' not null' : ''}`)
  const keys = [
    `primary key (${table.primary.map(quote).join(', ')})`,
    ...(table.unique ? [`unique (${table.unique.map(quote).join(', ')})`] : []),
  ]
  return `create table ${quote(table.name)} (${[...columns, ...keys].join(', ')});`
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
