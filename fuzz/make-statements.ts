import type { Random } from '../test/scenarios/random.ts'
import type { Model, NewColumn, NewTable, OldColumn, OldTable, SessionStep } from './case.ts'
import { keyText, oneValue } from './random-values.ts'
import { literal, namesOf, quote } from './write-sql.ts'

/** How many keys and rows a history moves among: few, so that its writers meet. */
export interface Range {
  readonly keys: number
  readonly rows: number
}

type Written = Omit<SessionStep, 'session'>
/** `w12`: no two statements write the same text. */
type Tokens = () => string

/** A statement of an application on an old table. */
export function makeOldStatement(random: Random, model: Model, range: Range, tokens: Tokens): Written {
  const table = random.pick(model.old)
  const make = random.pick(OLD_KINDS)
  // By the name of a partition, too. Nothing tells of a partition that is truncated.
  const name = random.chance(0.5) || make === truncate ? table.name : random.pick(namesOf(table))
  return { side: 'old', ...make(random, { ...table, name }, range, tokens) }
}

/** One row, for filling a table before anything else. */
export function makeRow(random: Random, table: OldTable, range: Range, tokens: Tokens): string {
  const given = writable(table)
  return `insert into ${quote(table.name)} (${list(given)}) values ${rowOf(random, given, range, tokens)} on conflict do nothing`
}

type Kind = (
  random: Random,
  table: OldTable,
  range: Range,
  tokens: Tokens,
) => Pick<SessionStep, 'sql' | 'kind' | 'copy'>

const insert: Kind = (random, table, range, tokens) => {
  const given = writable(table)
  const rows = Array.from({ length: random.pick([1, 1, 1, 3]) }, () => rowOf(random, given, range, tokens))
  const kept = given.filter((c) => c.role !== 'value' || random.chance(0.8))
  const omitted = kept.length < given.length && rows.length === 1
  const columns = omitted ? kept : given
  const values = omitted ? [rowOf(random, columns, range, tokens)] : rows
  const conflict = random.chance(0.6) ? ' on conflict do nothing' : ''
  const returning = random.chance(0.2) ? ' returning *' : ''
  return {
    kind: conflict === '' ? 'insert' : 'insert or nothing',
    sql: `insert into ${quote(table.name)} (${list(columns)}) values ${values.join(', ')}${conflict}${returning}`,
  }
}

const upsert: Kind = (random, table, range, tokens) => {
  const target = table.unique ?? table.primary
  const given = writable(table)
  if (!target.every((name) => given.some((c) => c.name === name))) return insert(random, table, range, tokens)
  const others = given.filter((c) => !target.includes(c.name) && random.chance(0.7))
  if (others.length === 0) return insert(random, table, range, tokens)
  const set = others.map((c) => `${quote(c.name)} = excluded.${quote(c.name)}`).join(', ')
  return {
    kind: 'upsert',
    sql: `insert into ${quote(table.name)} (${list(given)}) values ${rowOf(random, given, range, tokens)} on conflict (${target.map(quote).join(', ')}) do update set ${set}`,
  }
}

const update: Kind = (random, table, range, tokens) => {
  const columns = table.columns.filter((c) => c.role === 'value' || c.role === 'time')
  return updateOf('update', random.pick(columns.length > 0 ? columns : table.columns))(random, table, range, tokens)
}

const rekey: Kind = (random, table, range, tokens) => {
  const columns = table.columns.filter((c) => c.role === 'key' || c.role === 'link')
  return updateOf('change of a key', random.pick(columns.length > 0 ? columns : table.columns))(
    random,
    table,
    range,
    tokens,
  )
}

function updateOf(kind: string, column: OldColumn): Kind {
  return (random, table, range, tokens) => {
    const value = column.role === 'id' ? quote(column.name) : oldValue(random, column, range, tokens)
    const returning = random.chance(0.2) ? ' returning *' : ''
    return {
      kind,
      sql: `update ${quote(table.name)} set ${quote(column.name)} = ${value} where ${oneRow(random, table, range)}${returning}`,
    }
  }
}

const updateMany: Kind = (random, table, range, tokens) => {
  const columns = table.columns.filter((c) => c.role === 'value' || c.role === 'time')
  const column = random.pick(columns)
  return {
    kind: 'update of many',
    sql: `update ${quote(table.name)} set ${quote(column.name)} = ${oldValue(random, column, range, tokens)} where ${manyRows(random, table)}`,
  }
}

const remove: Kind = (random, table, range) => ({
  kind: 'delete',
  sql: `delete from ${quote(table.name)} where ${oneRow(random, table, range)}`,
})

const removeMany: Kind = (random, table) => ({
  kind: 'delete of many',
  sql: `delete from ${quote(table.name)} where ${manyRows(random, table)}`,
})

const truncate: Kind = (random, table, range, tokens) =>
  random.chance(0.3) ? { kind: 'truncate', sql: `truncate ${quote(table.name)}` } : update(random, table, range, tokens)

const claim: Kind = (random, table, range, tokens) => {
  const column = random.pick(table.columns.filter((c) => c.role === 'value' || c.role === 'time'))
  const identity = table.primary.map(quote).join(', ')
  return {
    kind: 'claim',
    sql: `update ${quote(table.name)} set ${quote(column.name)} = ${oldValue(random, column, range, tokens)} where (${identity}) in (select ${identity} from ${quote(table.name)} order by ${identity} limit ${1 + random.int(3)} for update skip locked)`,
  }
}

const upsertByMerge: Kind = (random, table, range, tokens) => {
  const given = writable(table)
  const [first] = table.unique ?? table.primary
  const key = given.find((c) => c.name === first)
  const others = given.filter((c) => c.role === 'value')
  if (!key || others.length === 0) return upsert(random, table, range, tokens)
  const names = given.map((c) => `v.${quote(c.name)}`)
  const select = given.map((c) => `${oldValue(random, c, range, tokens)}::${c.type} as ${quote(c.name)}`)
  const set = others.map((c) => `${quote(c.name)} = v.${quote(c.name)}`)
  return {
    kind: 'merge',
    sql: `merge into ${quote(table.name)} as t using (select ${select.join(', ')}) as v on t.${quote(key.name)} = v.${quote(key.name)} when matched then ${random.chance(0.2) ? 'delete' : `update set ${set.join(', ')}`} when not matched then insert (${list(given)}) values (${names.join(', ')})`,
  }
}

const copy: Kind = (random, table, range, tokens) => {
  const given = writable(table).filter((c) => c.role !== 'value' || c.type === 'text')
  const line = (): string =>
    given
      .map((c) => copied(c.role === 'value' ? tokens() : c.role === 'time' ? null : keyed(random, c, range)))
      .join('\t')
  const lines = Array.from({ length: 1 + random.int(4) }, line)
  return { kind: 'copy', sql: `copy ${quote(table.name)} (${list(given)}) from stdin`, copy: `${lines.join('\n')}\n` }
}

const both: Kind = (random, table, range, tokens) => {
  const first = update(random, table, range, tokens)
  const second = random.pick([insert, remove, update])(random, table, range, tokens)
  const returned = (sql: string): string => sql.replace(/ returning \*$/, '')
  return { kind: 'two in one', sql: `with first as (${returned(first.sql)} returning 1) ${returned(second.sql)}` }
}

const OLD_KINDS: readonly Kind[] = [
  ...[insert, insert, insert, insert, upsert, upsert, update, update, update, update, rekey, rekey, rekey],
  ...[updateMany, remove, remove, removeMany, truncate, claim, upsertByMerge, copy, both],
]

/** Columns that an application gives: all but what is drawn. */
function writable(table: OldTable): readonly OldColumn[] {
  return table.columns.filter((c) => c.role !== 'id')
}

function rowOf(random: Random, columns: readonly OldColumn[], range: Range, tokens: Tokens): string {
  return `(${columns.map((c) => oldValue(random, c, range, tokens)).join(', ')})`
}

function oldValue(random: Random, column: OldColumn, range: Range, tokens: Tokens): string {
  if (column.role === 'key' || column.role === 'link') {
    if (!column.notNull && random.chance(0.07)) return 'null'
    return literal(keyed(random, column, range))
  }
  return oneValue(random, column, tokens())
}

function keyed(random: Random, column: OldColumn, range: Range): string | null {
  return keyText(random, column.type, column.kind ?? 'text', 1 + random.int(range.keys))
}

function oneRow(random: Random, table: OldTable, range: Range): string {
  const id = table.columns.find((c) => c.role === 'id')
  const keys = table.columns.filter((c) => c.role === 'key')
  if (id && (keys.length === 0 || random.chance(0.6))) return `${quote(id.name)} = ${1 + random.int(range.rows * 2)}`
  if (keys.length === 0) return 'true'
  return keys.map((c) => `${quote(c.name)} = ${literal(keyed(random, c, range))}`).join(' and ')
}

function manyRows(random: Random, table: OldTable): string {
  const id = table.columns.find((c) => c.role === 'id')
  const by = id ? quote(id.name) : `hashtext(${quote(table.primary[0] ?? '')}::text)`
  return random.chance(0.3) ? 'true' : `${by} % 3 = ${random.int(3)}`
}

function copied(value: string | null): string {
  if (value === null) return '\\N'
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n')
}

function list(columns: readonly { readonly name: string }[]): string {
  return columns.map((c) => quote(c.name)).join(', ')
}

/** A statement of code that has moved, on a new table. */
export function makeNativeStatement(random: Random, model: Model, range: Range, tokens: Tokens): Written {
  const table = random.pick(model.new)
  const kind = random.pick(['insert', 'update', 'update', 'update', 'delete', 'upsert', 'claim', 'update of many'])
  return { side: 'new', kind: `native ${kind}`, sql: nativeSql(random, table, kind, range, tokens) }
}

function nativeSql(random: Random, table: NewTable, kind: string, range: Range, tokens: Tokens): string {
  const name = quote(table.name)
  const fed = table.columns.filter((c) => !/primary key/.test(c.type))
  const values = fed.filter((c) => c.values !== 'key')
  const value = (c: NewColumn): string => nativeValue(random, c, range, tokens)
  const changed = random.pick(values.length > 0 ? values : fed)
  const set = `${quote(changed.name)} = ${value(changed)}`
  if (kind === 'insert' || kind === 'upsert') {
    const given = fed.filter((c) => c.values === 'key' || random.chance(0.7))
    const into = given.length > 0 ? given : fed
    const row = `insert into ${name} (${list(into)}) values (${into.map(value).join(', ')})`
    if (kind === 'insert' || table.key.length === 0) return row + (random.chance(0.5) ? ' returning *' : '')
    return `${row} on conflict (${table.key.map(quote).join(', ')}) do ${random.chance(0.3) ? 'nothing' : `update set ${set}`}`
  }
  const some = `ctid in (select ctid from ${name} order by 1 limit 1 offset ${random.int(range.keys)})`
  const keys = table.columns.filter((c) => c.values === 'key')
  const where =
    keys.length > 0 && random.chance(0.6) ? keys.map((c) => `${quote(c.name)} = ${value(c)}`).join(' and ') : some
  if (kind === 'delete') return `delete from ${name} where ${where}`
  if (kind === 'claim')
    return `update ${name} set ${set} where ctid in (select ctid from ${name} order by 1 limit 2 for update skip locked)`
  if (kind === 'update of many') return `update ${name} set ${set}`
  return `update ${name} set ${set} where ${where}`
}

function nativeValue(random: Random, column: NewColumn, range: Range, tokens: Tokens): string {
  const [type = ''] = column.type.split(' ')
  if (column.values === 'key' || column.values === 'parent') {
    const text = keyText(random, 'exact', type, 1 + random.int(range.keys))
    return column.values === 'parent' && random.chance(0.1) ? 'null' : literal(text)
  }
  const plain = /^(numeric|varchar)/.exec(column.type)?.[0] ?? column.type.split(' not null')[0] ?? ''
  return oneValue(random, { type: plain, values: column.values, notNull: / not null/.test(column.type) }, tokens())
}
