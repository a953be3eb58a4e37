import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { ident, join, literal, type Sql, sql } from '../lib/sql.ts'
import { familyOf } from '../overlap/column-family.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import type { Reader } from '../overlap/read-only-session.ts'
import type { ColumnFacts, TextCounts } from './design-facts.ts'
import type { ReferencePlan } from './design-plan.ts'
import type { Domains } from './fit-type.ts'
import { isMixed } from './text-types.ts'

/** Columns that one statement counts. */
const AT_ONCE = 400
/** A column with more distinct values is no list of words. */
const MOST_WORDS = 16

const WORD_NAME =
  /(^|_)(status|state|stage|phase|type|kind|format|mode|level|priority|role|category|severity|outcome)$/i

/** Named like a column that holds one of a few words. */
function isNamedLikeWords(column: Pick<CatalogColumn, 'name' | 'baseType' | 'typeCategory'>): boolean {
  return familyOf(column) === 'text' && column.typeCategory === 'S' && WORD_NAME.test(column.name)
}

/**
 * Rows and nulls of every column of these tables, the words of those that hold a few, and how texts are written that may be
 * numbers or uuids. What can't be read has none.
 */
export async function readColumnFacts(
  reader: Reader,
  tables: readonly CatalogTable[],
  overlap: OverlapDocument,
): Promise<ColumnFacts[]> {
  const facts: ColumnFacts[] = []
  for (const table of tables) {
    const isAsked = (column: CatalogColumn): boolean => isMixed(table, column, tables, overlap)
    for (let at = 0; at < table.columns.length; at += AT_ONCE)
      facts.push(...(await readSome(reader, table, table.columns.slice(at, at + AT_ONCE), isAsked)))
  }
  return facts
}

async function readSome(
  reader: Reader,
  table: CatalogTable,
  columns: readonly CatalogColumn[],
  isAsked: (column: CatalogColumn) => boolean,
): Promise<ColumnFacts[]> {
  reader.log.progress(`counting ${table.name}`)
  const from = ident(table.schema, table.name)
  const counts = join(columns.map((column) => sql`count(${ident(column.name)})::float8`))
  const [row] =
    (await reader.rows<{ rows: number; filled: number[] }>(
      table.name,
      sql`select count(*)::float8 as rows, array[${counts}] as filled from ${from}`,
    )) ?? []
  if (row === undefined) return []
  const facts: ColumnFacts[] = []
  for (const [at, column] of columns.entries()) {
    const words = row.rows > 0 && isNamedLikeWords(column) ? await readWords(reader, table, column) : null
    facts.push({
      ...{ table: table.name, column: column.name, rows: row.rows },
      ...{ nulls: row.rows - (row.filled[at] ?? row.rows), words },
      texts: isAsked(column) ? await readTextCounts(reader, table, column) : null,
    })
  }
  return facts
}

async function readWords(reader: Reader, table: CatalogTable, column: CatalogColumn): Promise<string[] | null> {
  const name = ident(column.name)
  const rows = await reader.rows<{ word: string }>(
    table.name,
    sql`select distinct ${name}::text collate "C" as word from ${ident(table.schema, table.name)}
        where ${name} is not null order by 1 limit ${MOST_WORDS + 1}`,
  )
  return rows === null || rows.length > MOST_WORDS ? null : rows.map(({ word }) => word)
}

/** As the server itself writes them, so that they come back the same. */
async function readTextCounts(reader: Reader, table: CatalogTable, column: CatalogColumn): Promise<TextCounts | null> {
  const value = sql`${ident(column.name)}::text`
  const count = (pattern: string): Sql => sql`(count(*) filter (where ${value} ~ ${literal(pattern)}))::float8`
  const rows = await reader.rows<TextCounts & object>(
    table.name,
    sql`select ${count('^(0|-?[1-9][0-9]{0,8})$')} as integers, ${count('^(0|-?[1-9][0-9]{0,17})$')} as bigints,
               ${count('^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')} as uuids
        from ${ident(table.schema, table.name)}`,
  )
  return rows?.[0] ?? null
}

/** The types under the domains of these columns. */
export async function readDomains(reader: Reader, tables: readonly CatalogTable[]): Promise<Domains> {
  const oids = [...new Set(tables.flatMap((table) => table.columns.map((column) => column.typeOid)))]
  const { rows } = await reader.client.query<DomainType & { oid: number }>(DOMAINS, [oids])
  return new Map(rows.map(({ oid, ...type }) => [oid, type]))
}

type DomainType = Pick<CatalogColumn, 'type' | 'baseType' | 'typeCategory' | 'equalitySchema'>

/** A domain may be one over another domain. Only types of the server itself, the comparison of which is known. */
const DOMAINS = /* sql */ `
with recursive under as (
  select t.oid as domain, t.typbasetype as oid, t.typtypmod as modifier from pg_type as t where t.typtype = 'd' and t.oid = any($1)
  union all
  select u.domain, t.typbasetype, case when u.modifier = -1 then t.typtypmod else u.modifier end
  from under as u join pg_type as t on t.oid = u.oid where t.typtype = 'd'
)
select u.domain::int8::int as oid, format_type(u.oid, u.modifier) as type, format_type(u.oid, -1) as "baseType",
       t.typcategory::text as "typeCategory", 'pg_catalog' as "equalitySchema"
from under as u join pg_type as t on t.oid = u.oid
where t.typtype <> 'd' and t.typnamespace = 'pg_catalog'::regnamespace`

/** Counts for each reference the distinct values that no parent has. */
export async function readOrphans(
  reader: Reader,
  schema: string,
  references: readonly ReferencePlan[],
): Promise<ReferencePlan[]> {
  const counted: ReferencePlan[] = []
  for (const reference of references) {
    reader.log.progress(`looking for the parents of ${reference.target}.${reference.column}`)
    const rows = await reader.rows<{ orphans: number }>(reference.target, orphansQuery(schema, reference))
    counted.push({ ...reference, orphans: rows?.[0]?.orphans ?? null })
  }
  return counted
}

function orphansQuery(schema: string, { children, parents, form }: ReferencePlan): Sql {
  const values = (members: ReferencePlan['children'], folded: boolean): Sql =>
    join(
      members.map(({ table, column }) => {
        const text = sql`${ident(column)}::text`
        const plain = folded ? sql`lower(btrim(${text}))` : text
        const value = form === 'uuid' ? sql`lower(replace(btrim(${text}), '-', ''))` : plain
        return sql`select ${value} collate "C" as value from ${ident(schema, table)} where ${ident(column)} is not null`
      }),
      ' union ',
    )
  return sql`select count(distinct c.value)::float8 as orphans
    from (${values(children, false)}) as c where not exists (select from (${values(parents, form === 'folded')}) as p where p.value = c.value)`
}
