import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { KeyColumn, TargetMapping } from '../spec/mapping.ts'
import { handleColumn, lineageTable, relation } from './names.ts'

/** Comparing keys with the operators of their type, whatever the search path. */

function operator(key: KeyColumn, symbol: '=' | '>' | '<='): Sql {
  return key.operatorSchema === 'pg_catalog' ? raw(symbol) : sql`OPERATOR(${ident(key.operatorSchema)}.${raw(symbol)})`
}

export function keyEquals(t: TargetMapping, left: readonly Sql[], right: readonly Sql[]): Sql {
  return join(
    t.key.map((key, i) => sql`${at(left, i)} ${operator(key, '=')} ${at(right, i)}`),
    ' AND ',
  )
}

/** Row comparison; for a single column and for types of pg_catalog in a form that an index can serve. */
export function keyCompares(t: TargetMapping, left: readonly Sql[], symbol: '>' | '<=', right: readonly Sql[]): Sql {
  const [first] = t.key
  if (t.key.length === 1 && first) return sql`${at(left, 0)} ${operator(first, symbol)} ${at(right, 0)}`
  if (t.key.every((key) => key.operatorSchema === 'pg_catalog')) {
    return sql`ROW(${join(left)}) ${raw(symbol)} ROW(${join(right)})`
  }
  const greater = t.key.map((key, i) => {
    const equalBefore = t.key
      .slice(0, i)
      .map((before, j) => sql`${at(left, j)} ${operator(before, '=')} ${at(right, j)} AND `)
    return sql`(${join(equalBefore, '')}${at(left, i)} ${operator(key, '>')} ${at(right, i)})`
  })
  return symbol === '>' ? sql`(${join(greater, ' OR ')})` : sql`NOT (${join(greater, ' OR ')})`
}

/** The rows of the new table and their keys, as FROM and as key columns: of an append only lineage knows the keys. */
export function stored(t: TargetMapping): { from: Sql; key: Sql[] } {
  const rows = sql`${relation(t.relation)} AS t`
  if (t.kind === 'merge') return { from: rows, key: keyOf(t, 't') }
  const ofRow = join(
    t.handle.map((h, i) => sql`t.${ident(h.name)} = l.${handleColumn(i)}`),
    ' AND ',
  )
  return { from: sql`${lineageTable(t)} AS l JOIN ${rows} ON ${ofRow}`, key: keyOf(t, 'l') }
}

/** `"t"."decision_id"` for each key column. */
export function keyOf(t: TargetMapping, alias: string): Sql[] {
  return t.key.map((key) => ident(alias, key.name))
}

/** `$1::uuid`, `$2::text` … from `first` on. */
export function keyParameters(t: TargetMapping, first = 1): Sql[] {
  return t.key.map((key, i) => sql`$${first + i}::${raw(key.type)}`)
}

/** The type of a variable for it, which holds null at first. */
export function variableType(key: KeyColumn | undefined): Sql {
  return raw(key?.nullable ?? key?.type ?? 'text')
}

/** A key as the outbox and the journal hold it: text[]. */
export function keyAsText(parts: readonly Sql[]): Sql {
  return sql`ARRAY[${join(parts.map((part) => sql`(${part})::text`))}]`
}

/** A key of the new table in that form, where equal keys are written alike: 1.0 and 1.00 are one key, with one guard. */
export function keyText(t: TargetMapping, parts: readonly Sql[]): Sql {
  return keyAsText(t.key.map((key, i) => oneSpelling(key.type.replace(/\(.*/, ''), at(parts, i))))
}

/** Equal values of a type are written alike. */
export function oneSpelling(type: string, part: Sql): Sql {
  if (type === 'numeric') return sql`trim_scale(${part})`
  if (type === 'real' || type === 'double precision') return sql`${part} + 0`
  return type.endsWith('citext') ? sql`lower((${part})::text)` : part
}

/** The typed parts of such a text[]. */
export function keyFromText(t: TargetMapping, array: Sql): Sql[] {
  return t.key.map((key, i) => sql`(${array})[${i + 1}]::${raw(key.type)}`)
}

/** Two values of a fed column, compared with the operator of its type, whatever the search path. */
export function columnEquals(t: TargetMapping, name: string, left: Sql, right: Sql): Sql {
  const schema = t.columns.find((column) => column.name === name)?.operatorSchema ?? 'pg_catalog'
  return schema === 'pg_catalog' ? sql`${left} = ${right}` : sql`${left} OPERATOR(${ident(schema)}.=) ${right}`
}

/** A value of a fed column as text, equal values written alike. */
export function columnText(t: TargetMapping, name: string, value: Sql): Sql {
  const type = t.columns.find((column) => column.name === name)?.baseType ?? 'text'
  return sql`(${oneSpelling(type, value)})::text`
}

function at(parts: readonly Sql[], index: number): Sql {
  const part = parts[index]
  if (!part) throw new Error('a key has fewer parts than its table')
  return part
}
