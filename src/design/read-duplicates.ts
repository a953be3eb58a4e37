import { ident, join, type Sql, sql } from '../lib/sql.ts'
import type { Reader } from '../overlap/read-only-session.ts'
import type { ColumnPlan, DesignPlan, TargetPlan, UniquePlan } from './design-plan.ts'

/** Counts of every unique key that isn't held by one old table alone how many new rows would share it. */
export async function readDuplicates(reader: Reader, plan: DesignPlan): Promise<DesignPlan> {
  const targets: TargetPlan[] = []
  for (const target of plan.targets) {
    const uniques: UniquePlan[] = []
    for (const unique of target.uniques)
      uniques.push(unique.isHeld ? unique : await count(reader, plan, target, unique))
    targets.push({ ...target, uniques })
  }
  return { ...plan, targets }
}

async function count(reader: Reader, plan: DesignPlan, target: TargetPlan, unique: UniquePlan): Promise<UniquePlan> {
  const query = duplicatesQuery(plan.oldSchema, target, unique.columns)
  if (query === null) return unique
  reader.log.progress(`looking for rows of ${target.name} with the same ${unique.columns.join(', ')}`)
  const rows = await reader.rows<{ rows: number; shared: number }>(target.name, query)
  return { ...unique, ...rows?.[0] }
}

/**
 * The new rows as far as these columns go: of a merge one for each key, each value that of the first source that has one.
 * Null where a source is linked to its key or value, which nothing here follows.
 */
function duplicatesQuery(
  schema: string,
  { rule, columns, primaryKey }: TargetPlan,
  names: readonly string[],
): Sql | null {
  const planned = (wanted: readonly string[]): ColumnPlan[] =>
    wanted.flatMap((name) => columns.find((column) => column.name === name) ?? [])
  const isMerge = rule.kind === 'merge'
  const [keys, values] = [isMerge ? planned(primaryKey) : [], planned(names)]
  const parts: Sql[] = []
  for (const [place, [table, source]] of Object.entries(rule.sources).entries()) {
    if (!values.some(({ members }) => members.some((one) => one.table === table))) continue
    const linked = [...names.map((name) => source.columns?.[name]), 'key' in source ? source.key : null]
    if (linked.some((one) => typeof one === 'object' && one !== null && 'via' in one)) return null
    const folds = 'key' in source && JSON.stringify(source.key ?? '').includes('lower(')
    const key = keys.map((column) => textOf(column, table, folds))
    const own = values.map((column) => textOf(column, table, false))
    const where = key.length === 0 ? sql`` : sql` where num_nulls(${join(key)}) = 0`
    const id = key.length === 0 ? sql`array[ctid::text, tableoid::text, ${place}::text]` : sql`array[${join(key)}]`
    parts.push(
      sql`select ${id} as key, ${place} as place, array[${join(own)}] as own from ${ident(schema, table)}${where}`,
    )
  }
  const first = (at: number): Sql =>
    sql`(array_agg(own[${at + 1}] order by place) filter (where own[${at + 1}] is not null))[1]`
  return sql`
    select coalesce(sum(same.rows), 0)::float8 as rows,
           coalesce(sum(same.rows) filter (where same.rows > 1), 0)::float8 as shared
    from (select count(*) as rows
          from (select array[${join(names.map((_, at) => first(at)))}] as own
                from (${join(parts, ' union all ')}) as every group by key) as merged
          where array_position(own, null) is null group by own) as same`
}

/** The value as a text that is the same for equal values of the new type; null where the table doesn't feed the column. */
function textOf({ shape, members }: ColumnPlan, table: string, folds: boolean): Sql {
  const member = members.find((one) => one.table === table)
  if (member === undefined) return sql`null::text`
  const value = ident(member.column)
  if (shape.baseType === 'uuid') return sql`lower(replace(btrim(${value}::text), '-', ''))`
  if (shape.baseType === 'numeric') return sql`trim_scale(${value}::numeric)::text`
  return folds ? sql`lower(btrim(${value}::text))` : sql`${value}::text`
}
